package io.hearth.fuse.kernel.session;

import io.hearth.fuse.kernel.wire.InitFlag;
import io.hearth.fuse.kernel.wire.InitReply;
import io.hearth.fuse.kernel.wire.Request;
import java.util.Optional;

/**
 * What is agreed on with a kernel, by what it offers and never by its version. Left out on purpose: ASYNC_DIO, under
 * which a reader with O_DIRECT waits where nothing can interrupt it; WRITEBACK_CACHE; NO_OPEN_SUPPORT, for an open pins
 * its object.
 */
final class Negotiation {
    static final int MAJOR = 7;

    /** From here on INIT's reply has 64 bytes. */
    static final int MINOR_MIN = 23;

    /** The newest of which we know that nothing else changed for us. */
    static final int MINOR_MAX = 45;

    private static final int WANTED = InitFlag.ASYNC_READ
            | InitFlag.DO_READDIRPLUS
            | InitFlag.READDIRPLUS_AUTO
            | InitFlag.PARALLEL_DIROPS
            | InitFlag.ABORT_ERROR
            | InitFlag.MAX_PAGES
            | InitFlag.EXPLICIT_INVAL_DATA;

    /**
     * Below a file that the kernel reads itself lies no other file system, as below a tier on overlayfs, and a
     * container's overlayfs may lie on this mount: together they may be two.
     */
    private static final int STACK_DEPTH = 1;

    private final int backgroundMax;
    private final int requestPages;
    private final boolean passthrough;

    /**
     * @param requestPages longest read, in pages of this machine
     * @param passthrough whether it is wanted
     */
    Negotiation(int backgroundMax, int requestPages, boolean passthrough) {
        this.passthrough = passthrough;
        this.backgroundMax = backgroundMax;
        this.requestPages = requestPages;
    }

    boolean wantsPassthrough() {
        return passthrough;
    }

    /** Empty if this kernel is too old. One that is too new asks again after this answer. */
    Optional<InitReply> answer(Request.Init offer) {
        if (offer.major() < MAJOR || offer.major() == MAJOR && offer.minor() < MINOR_MIN) {
            return Optional.empty();
        }
        boolean passes = passthrough
                && (offer.flags() & InitFlag.INIT_EXT) != 0
                && (offer.flags2() & InitFlag.EXT_PASSTHROUGH) != 0;
        return Optional.of(new InitReply(
                MAJOR,
                offer.major() > MAJOR ? MINOR_MAX : Math.min(offer.minor(), MINOR_MAX),
                offer.maxReadAhead(),
                offer.flags() & WANTED | (passes ? InitFlag.INIT_EXT : 0),
                backgroundMax,
                Math.max(1, backgroundMax * 3 / 4),
                Channel.WRITE_BYTES_MAX,
                requestPages,
                passes ? InitFlag.EXT_PASSTHROUGH : 0,
                passes ? STACK_DEPTH : 0));
    }
}
