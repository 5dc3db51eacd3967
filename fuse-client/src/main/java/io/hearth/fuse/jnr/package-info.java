/**
 * The transport on libfuse 2 through jnr-fuse.
 *
 * <p>jnr-fuse gives the library's binding and the layout of its structures; the callbacks are our own, because its own
 * ones decode names in the platform's charset and lay out {@code fuse_file_info} without the field {@code writepage},
 * which puts {@code keep_cache} at the wrong place ({@code docs/decisions/0005-mount.md}). Start with
 * {@link io.hearth.fuse.jnr.JnrFuseTransport}.
 */
package io.hearth.fuse.jnr;
