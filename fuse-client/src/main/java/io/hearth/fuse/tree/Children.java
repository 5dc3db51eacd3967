package io.hearth.fuse.tree;

import io.hearth.protocol.generation.NumberSort;

/**
 * The children of each directory in the order of their names' bytes: 4 bytes a node. Immutable, thread-safe.
 *
 * @param firsts where each directory's children begin, and how many there are in all
 * @param nodes the children of directory after directory
 */
record Children(int[] firsts, int[] nodes) {
    static Children of(TreeNodes tree) {
        int[] firsts = new int[tree.directories() + 1];
        for (int directory = 1; directory < tree.directories(); directory++) {
            firsts[tree.parent(directory) + 1]++;
        }
        FileRuns runs = tree.runs();
        for (int run = 0; run < runs.count(); run++) {
            firsts[runs.directories()[run] + 1] += runs.end(run) - runs.firsts()[run];
        }
        for (int directory = 0; directory < tree.directories(); directory++) {
            firsts[directory + 1] += firsts[directory];
        }
        int[] nodes = new int[firsts[tree.directories()]];
        place(tree, firsts.clone(), nodes);
        NumberSort sort = new NumberSort(nodes, (a, b) -> tree.compareName(a, tree.nameBytes(b)));
        for (int directory = 0; directory < tree.directories(); directory++) {
            sort.sort(firsts[directory], firsts[directory + 1]);
        }
        return new Children(firsts, nodes);
    }

    private static void place(TreeNodes tree, int[] next, int[] nodes) {
        for (int directory = 1; directory < tree.directories(); directory++) {
            nodes[next[tree.parent(directory)]++] = directory;
        }
        FileRuns runs = tree.runs();
        for (int run = 0; run < runs.count(); run++) {
            for (int file = runs.firsts()[run]; file < runs.end(run); file++) {
                nodes[next[runs.directories()[run]]++] = tree.directories() + file;
            }
        }
    }

    int count(int directory) {
        return firsts[directory + 1] - firsts[directory];
    }

    int at(int directory, int index) {
        return nodes[firsts[directory] + index];
    }

    long sizeBytes() {
        return 4L * (firsts.length + nodes.length);
    }
}
