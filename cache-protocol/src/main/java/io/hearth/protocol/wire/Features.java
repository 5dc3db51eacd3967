package io.hearth.protocol.wire;

/**
 * Bits of {@link Message.Hello#features} and {@link Message.Welcome#features}: what one side can do beyond the version.
 * A peer that does not know a bit leaves it out, and goes on without.
 */
public final class Features {
    /** Answers {@link Message.AwaitReady}. */
    public static final long READY = 1;

    /** Says, or is told, {@link Message.Whole}. */
    public static final long WHOLE = 2;

    /**
     * Answers {@link Message.KeepFile} and {@link Message.UnkeepFile}: may have the kernel keep files for others'
     * mounts.
     */
    public static final long KEEP = 4;

    /** Takes {@link Message.PrefetchBlocks}. */
    public static final long BLOCKS = 8;

    private Features() {}
}
