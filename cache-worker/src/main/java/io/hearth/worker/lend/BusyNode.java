package io.hearth.worker.lend;

import io.hearth.worker.net.SendLimit;
import java.util.List;
import java.util.Optional;

/**
 * Limits what is sent to other nodes while this one works for itself. {@link #look} is one thread's; the rest is safe.
 */
final class BusyNode {
    /** Work comes in bursts: a step of training, then its batch. */
    private static final long HOLD_MS = 5_000;

    private final List<BusySignal> signals;
    private final SendLimit limit;
    private final long rateBytes;
    private volatile long toldUntilMs = Long.MIN_VALUE;
    private volatile Optional<String> reason = Optional.empty();
    private long seenUntilMs = Long.MIN_VALUE;

    /** @param rateBytes a second while the node is busy; 0 for no limit */
    BusyNode(List<BusySignal> signals, SendLimit limit, long rateBytes) {
        this.signals = signals;
        this.limit = limit;
        this.rateBytes = rateBytes;
    }

    /** Whether a limit is set at all. */
    boolean limits() {
        return rateBytes > 0;
    }

    /** Somebody says that the node is busy for so long. */
    void told(long nowMs, long forMs) {
        toldUntilMs = nowMs + forMs;
        seenUntilMs = forMs == 0 ? Long.MIN_VALUE : seenUntilMs;
        enter(nowMs, Optional.empty());
    }

    void look(long nowMs) {
        Optional<String> seen = signals.stream()
                .map(signal -> signal.busy(nowMs))
                .flatMap(Optional::stream)
                .reduce((first, next) -> first);
        if (seen.isPresent()) {
            seenUntilMs = nowMs + HOLD_MS;
        }
        enter(nowMs, seen);
    }

    private synchronized void enter(long nowMs, Optional<String> seen) {
        boolean told = nowMs < toldUntilMs;
        boolean busy = limits() && (told || nowMs < seenUntilMs);
        reason = busy ? seen.or(() -> told ? Optional.of("told so") : reason) : Optional.empty();
        limit.limit(busy ? rateBytes : 0);
    }

    /** Why sending is limited now. */
    Optional<String> reason() {
        return reason;
    }
}
