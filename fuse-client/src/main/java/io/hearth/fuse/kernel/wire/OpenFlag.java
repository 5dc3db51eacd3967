package io.hearth.fuse.kernel.wire;

/** Bits of the answer to an open. */
public final class OpenFlag {
    /** Pages that the kernel has of this node stay. */
    public static final int KEEP_CACHE = 1 << 1;

    /** No FLUSH at each close. */
    public static final int NO_FLUSH = 1 << 5;

    /** The kernel reads the file that the answer names; not together with {@link #KEEP_CACHE}. */
    public static final int PASSTHROUGH = 1 << 7;

    private OpenFlag() {}
}
