package io.hearth.fuse.tree;

import io.hearth.fuse.FuseFileSystem;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The numbers of nodes, none of which occurs twice, and the way back from them: open addressing with linear probing,
 * three quarters full, 5.3 bytes a node. Numbers are hashes that the nodes have already; for two nodes of one hash, of
 * which there is one pair in 10^7 trees of a million files, the second's number is kept here. Immutable, thread-safe.
 */
final class InodeIndex {
    private final TreeNodes nodes;
    private final InodeHash hash;
    private final int[] slots;
    private final Map<Integer, Long> otherInodes = new HashMap<>();
    private final Map<Integer, Long> otherPaths = new HashMap<>();

    InodeIndex(TreeNodes nodes, InodeHash hash) {
        this.nodes = nodes;
        this.hash = hash;
        this.slots = new int[nodes.count() + nodes.count() / 3 + 2];
        for (int node = 0; node < nodes.count(); node++) {
            add(node);
        }
        tellPathsApart();
    }

    /** The node of that inode, or {@link GenerationTree#NONE}. */
    int find(long inode) {
        return slots[slot(inode)] - 1;
    }

    long inode(int node) {
        return inode(node, nodes.versionHash(node));
    }

    /** As {@link #inode(int)}, where the hash is known. */
    long inode(int node, long versionHash) {
        return otherInodes.isEmpty() ? versionHash : otherInodes.getOrDefault(node, versionHash);
    }

    long displayInode(int node) {
        return displayInode(node, nodes.pathHash(node));
    }

    /** As {@link #displayInode(int)}, where the hash is known. */
    long displayInode(int node, long pathHash) {
        return otherPaths.isEmpty() ? pathHash : otherPaths.getOrDefault(node, pathHash);
    }

    /** Whether every number follows from its node's path and version alone, and so is the same in every tree. */
    boolean plain() {
        return otherInodes.isEmpty() && otherPaths.isEmpty();
    }

    long sizeBytes() {
        return 4L * slots.length + 100L * (otherInodes.size() + otherPaths.size());
    }

    private void add(int node) {
        long inode = nodes.versionHash(node);
        int slot = slot(inode);
        while (slots[slot] != 0 || node > 0 && inode <= FuseFileSystem.ROOT) {
            inode = hash.next(inode);
            slot = slot(inode);
            otherInodes.put(node, inode);
        }
        slots[slot] = node + 1;
    }

    /** Where {@code inode} is or would be. */
    private int slot(long inode) {
        // Numbers are hashes: 32 of their bits, scaled to the length.
        int slot = (int) (((inode ^ inode >>> 32) & 0xffffffffL) * slots.length >>> 32);
        while (slots[slot] != 0 && inode(slots[slot] - 1) != inode) {
            slot = slot + 1 == slots.length ? 0 : slot + 1;
        }
        return slot;
    }

    private void tellPathsApart() {
        long[] hashes = new long[nodes.count()];
        for (int node = 0; node < hashes.length; node++) {
            hashes[node] = nodes.pathHash(node);
        }
        Arrays.sort(hashes);
        Set<Long> doubled = new HashSet<>();
        for (int i = 0; i < hashes.length; i++) {
            if (hashes[i] < FuseFileSystem.ROOT || i > 0 && hashes[i] == hashes[i - 1]) {
                doubled.add(hashes[i]);
            }
        }
        if (!doubled.isEmpty()) {
            renumberPaths(hashes, doubled);
        }
    }

    /** @param hashes of all paths, sorted; the first node of each of the {@code doubled} keeps it */
    private void renumberPaths(long[] hashes, Set<Long> doubled) {
        Set<Long> taken = new HashSet<>();
        taken.add(FuseFileSystem.ROOT);
        for (int node = 1; node < nodes.count(); node++) {
            long number = nodes.pathHash(node);
            if (!doubled.contains(number) || number > FuseFileSystem.ROOT && taken.add(number)) {
                continue;
            }
            while (number <= FuseFileSystem.ROOT || Arrays.binarySearch(hashes, number) >= 0 || !taken.add(number)) {
                number = hash.next(number);
            }
            otherPaths.put(node, number);
        }
    }
}
