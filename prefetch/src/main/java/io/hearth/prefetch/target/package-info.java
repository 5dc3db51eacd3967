/**
 * What a load's targets name: paths, folders and globs, looked up in a generation's tree.
 *
 * <p>Start with {@link io.hearth.prefetch.target.Targets}. Pure functions of a tree; {@link io.hearth.prefetch.Loads}
 * calls them before it accepts a load, so what cannot be found is refused with its name.
 */
package io.hearth.prefetch.target;
