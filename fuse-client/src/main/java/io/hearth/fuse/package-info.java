/**
 * The mount: a read-only POSIX tree over a generation of a dataset.
 *
 * <p>Start with {@link io.hearth.fuse.FuseFileSystem} (what a tree answers, by inode, knowing no transport),
 * {@link io.hearth.fuse.FuseTransport} (how the kernel's questions reach it) and {@link io.hearth.fuse.Mount} (both
 * together, kept fresh by a session with the master). {@link io.hearth.fuse.tree} is the tree in memory.
 *
 * <p>Nothing in here may touch the mount's own directory: a process that waits for its own answer hangs for good.
 */
package io.hearth.fuse;
