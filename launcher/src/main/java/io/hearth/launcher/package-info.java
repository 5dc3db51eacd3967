/**
 * The {@code hearth} command: entry point, processes and packaging.
 *
 * <p>{@link io.hearth.launcher.Main} runs one command of package {@code command}. Daemons are put together in
 * {@code MasterProcess}, {@code WorkerProcess} and {@code MountProcess}; only they name classes of server modules, so
 * that the other commands run on the client class path.
 */
package io.hearth.launcher;
