package io.hearth.worker.descriptor;

/** The kernel's list of files that opens in a FUSE mount may name. Thread-safe; does no I/O on the mount. */
interface Backing {
    /** Not this process, or not with this device. */
    int EPERM = 1;

    /**
     * @param device a descriptor of {@code /dev/fuse} that belongs to a mount
     * @param file open for reading
     * @return the file's id, above 0, or an errno, negative
     */
    int open(int device, int file);

    /** Takes an id off the list: opens that have it go on. Gives 0, or an errno, negative. */
    int close(int device, int id);
}
