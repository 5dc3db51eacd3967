package io.hearth.fuse.kernel.session;

import java.util.Arrays;

/**
 * What the kernel remembers of the tree: its node ids, and how often each was named to it. About 70 bytes a node.
 *
 * <p>A node id stands for one inode of the file system, that is for one version of one file, and for one way of opening
 * it: all opens of a node are alike. It never stands for a path, and none is ever used twice. When the kernel has
 * forgotten a node, or it was retired, the next look-up of its inode gets a fresh id. Thread-safe.
 */
final class NodeTable {
    /** The kernel knows it without being told, and never forgets it. */
    static final long ROOT = 1;

    /** No node id, no inode. */
    static final long NONE = 0;

    private final NumberIndex byNode = new NumberIndex();
    private final NumberIndex byInode = new NumberIndex();
    private final long rootInode;
    private long[] nodes = new long[64];
    private long[] inodes = new long[64];
    private long[] lookups = new long[64];
    private int[] free = new int[64];
    private int frees;
    private int rows;
    private int size;
    private long next = ROOT + 1;

    NodeTable(long rootInode) {
        this.rootInode = rootInode;
    }

    /** The node id of {@code inode}, about to be named to the kernel once more. */
    synchronized long name(long inode) {
        if (inode == rootInode) {
            return ROOT;
        }
        int row = byInode.get(inode);
        if (row == NumberIndex.NONE) {
            row = add(inode);
        }
        lookups[row]++;
        return nodes[row];
    }

    /** The inode that {@code nodeId} stands for; {@link #NONE} where the kernel should not know it. */
    synchronized long inode(long nodeId) {
        if (nodeId == ROOT) {
            return rootInode;
        }
        int row = byNode.get(nodeId);
        return row == NumberIndex.NONE ? NONE : inodes[row];
    }

    /** The node goes on as it is, but is named no more: its inode gets a fresh one. */
    synchronized void retire(long nodeId) {
        int row = byNode.get(nodeId);
        if (row != NumberIndex.NONE && byInode.get(inodes[row]) == row) {
            byInode.remove(inodes[row]);
        }
    }

    /** The node id that {@code inode} was named with last; {@link #NONE} if the kernel does not know it. */
    synchronized long known(long inode) {
        if (inode == rootInode) {
            return ROOT;
        }
        int row = byInode.get(inode);
        return row == NumberIndex.NONE ? NONE : nodes[row];
    }

    /**
     * The kernel has forgotten, or never got, {@code count} namings.
     *
     * @param count unsigned; more than there were count as all
     */
    synchronized void forget(long nodeId, long count) {
        int row = byNode.get(nodeId);
        if (row == NumberIndex.NONE) {
            return;
        }
        if (Long.compareUnsigned(count, lookups[row]) < 0) {
            lookups[row] -= count;
            return;
        }
        byNode.remove(nodeId);
        if (byInode.get(inodes[row]) == row) {
            byInode.remove(inodes[row]);
        }
        if (frees == free.length) {
            free = Arrays.copyOf(free, 2 * frees);
        }
        free[frees++] = row;
        size--;
    }

    /** Nodes that the kernel remembers, without the root. */
    synchronized int size() {
        return size;
    }

    private int add(long inode) {
        if (frees == 0 && rows == nodes.length) {
            nodes = Arrays.copyOf(nodes, 2 * rows);
            inodes = Arrays.copyOf(inodes, 2 * rows);
            lookups = Arrays.copyOf(lookups, 2 * rows);
        }
        int row = frees > 0 ? free[--frees] : rows++;
        nodes[row] = next++;
        inodes[row] = inode;
        lookups[row] = 0;
        byNode.put(nodes[row], row);
        byInode.put(inode, row);
        size++;
        return row;
    }
}
