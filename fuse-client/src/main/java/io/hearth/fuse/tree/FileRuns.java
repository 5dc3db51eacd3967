package io.hearth.fuse.tree;

import java.util.Arrays;

/**
 * Which directory holds which files: neighbours in one directory are a run. 8 bytes a run, and a directory without
 * directories below it is one run. Immutable, thread-safe.
 *
 * @param firsts number of each run's first file, growing
 * @param directories each run's directory
 * @param files number of all files
 */
record FileRuns(int[] firsts, int[] directories, int files) {
    int count() {
        return firsts.length;
    }

    /** The run of a file. */
    int of(int file) {
        int found = Arrays.binarySearch(firsts, file);
        return found >= 0 ? found : -found - 2;
    }

    int directory(int file) {
        return directories[of(file)];
    }

    /** The first file after a run. */
    int end(int run) {
        return run + 1 < firsts.length ? firsts[run + 1] : files;
    }

    long sizeBytes() {
        return 8L * firsts.length;
    }
}
