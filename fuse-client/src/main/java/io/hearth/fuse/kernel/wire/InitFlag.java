package io.hearth.fuse.kernel.wire;

/** Bits that kernel and server agree on in INIT. */
public final class InitFlag {
    /** Several reads of one file at once. */
    public static final int ASYNC_READ = 1;

    public static final int DO_READDIRPLUS = 1 << 13;

    /** READDIRPLUS only where somebody looks at the entries. */
    public static final int READDIRPLUS_AUTO = 1 << 14;

    /** Look-ups and listings of one directory at once. */
    public static final int PARALLEL_DIROPS = 1 << 18;

    /** {@code ECONNABORTED} from the device after an abort, told from {@code ENODEV} after an unmount. */
    public static final int ABORT_ERROR = 1 << 21;

    /** Requests of more than 128 KiB. */
    public static final int MAX_PAGES = 1 << 22;

    /** Pages are dropped only when the server says so, not when a size or time differs. */
    public static final int EXPLICIT_INVAL_DATA = 1 << 25;

    /** There are further flags, in a field of their own. */
    public static final int INIT_EXT = 1 << 30;

    /** Of the further flags (bit 37 of all): opens may name a file that the kernel reads itself. */
    public static final int EXT_PASSTHROUGH = 1 << 5;

    private InitFlag() {}
}
