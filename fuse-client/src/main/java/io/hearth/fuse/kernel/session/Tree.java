package io.hearth.fuse.kernel.session;

import io.hearth.fuse.FuseErrno;
import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.kernel.wire.NodeStat;

/** The file system as the kernel is told of it: by node id, with owner and times for which it may keep answers. */
final class Tree {
    /** A file's node stands for one version: its attributes never change. */
    private static final long FOREVER_MS = 365L * 24 * 3600 * 1000;

    private final FuseFileSystem files;
    private final NodeTable nodes;
    private final SessionOptions options;

    Tree(FuseFileSystem files, NodeTable nodes, SessionOptions options) {
        this.files = files;
        this.nodes = nodes;
        this.options = options;
    }

    FuseFileSystem files() {
        return files;
    }

    NodeTable nodes() {
        return nodes;
    }

    /** @throws io.hearth.fuse.FuseFailure {@code ESTALE} for a node that the kernel should not know */
    long inode(long nodeId) {
        long inode = nodes.inode(nodeId);
        if (inode == NodeTable.NONE) {
            throw FuseErrno.ESTALE.failure();
        }
        return inode;
    }

    long entryMs() {
        return options.cacheFor().toMillis();
    }

    long attributesMs(Attributes attributes) {
        return attributes.directory() ? entryMs() : FOREVER_MS;
    }

    NodeStat stat(Attributes attributes) {
        return new NodeStat(
                attributes.displayInode(),
                attributes.directory(),
                attributes.sizeBytes(),
                attributes.modifiedMs(),
                options.uid(),
                options.gid());
    }
}
