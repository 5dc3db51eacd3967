package io.hearth.fuse.kernel.wire;

/** Bits of the answer to an open. */
public final class OpenFlag {
    /** Pages that the kernel has of this node stay. */
    public static final int KEEP_CACHE = 1 << 1;

    /** No FLUSH at each close. */
    public static final int NO_FLUSH = 1 << 5;

    private OpenFlag() {}
}
