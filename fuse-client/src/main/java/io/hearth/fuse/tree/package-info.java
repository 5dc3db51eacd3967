/**
 * A generation as a tree in memory, at some 65 bytes a file: a million files fit a mount.
 *
 * <p>{@link io.hearth.fuse.tree.GenerationTreeBuilder} takes segments in order, packs each as it comes and lets go of
 * it; {@link io.hearth.fuse.tree.GenerationTree} answers by node; {@link io.hearth.fuse.tree.TreeChanges} tells two
 * trees apart. A segment that two generations share is in memory once. What stays is in {@code SegmentRows} (names,
 * sizes, times, validators and inodes of a segment's files), {@code Directories}, {@code FileRuns} (who is whose
 * parent), {@code Children} and {@code InodeIndex}: arrays of numbers and bytes, no object a file.
 *
 * <p>{@link io.hearth.fuse.DatasetFileSystem} shows trees, {@code GenerationLoader} has them built. Nothing in here
 * blocks or reads files.
 */
package io.hearth.fuse.tree;
