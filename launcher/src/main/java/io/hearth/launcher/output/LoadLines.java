package io.hearth.launcher.output;

import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.settings.DataSize;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/** A line at each change of phase and about every ten seconds. How a load failed is said by whoever ends. */
final class LoadLines implements LoadProgress {
    private static final long LINE_NANOS = Duration.ofSeconds(10).toNanos();

    private final PrintStream out;
    private final LongSupplier nanoTime;
    private Optional<LoadPhase> said = Optional.empty();
    private long saidAt;

    LoadLines(PrintStream out, LongSupplier nanoTime) {
        this.out = out;
        this.nanoTime = nanoTime;
    }

    @Override
    public void show(LoadStatus status) {
        LoadPhase phase = status.phase();
        long now = nanoTime.getAsLong();
        boolean changed = said.filter(phase::equals).isEmpty();
        boolean failed = phase.ended() && phase != LoadPhase.COMPLETE;
        if (!failed && (changed || !phase.ended() && now - saidAt >= LINE_NANOS)) {
            out.println("hearth: load " + status.name() + ": " + line(status));
            out.flush();
            said = Optional.of(phase);
            saidAt = now;
        }
    }

    /** What a load does in that phase, in a word. */
    static String doing(LoadPhase phase) {
        return switch (phase) {
            case PENDING -> "pending";
            case RUNNING -> "loading";
            case VERIFYING -> "verifying";
            case COMPLETE -> "complete";
            case FAILED -> "failed";
            case CANCELLED -> "cancelled";
        };
    }

    private static String line(LoadStatus status) {
        LoadStatus.Bytes bytes = status.bytes();
        String doing = doing(status.phase());
        String message = status.message().map(text -> ": " + text).orElse("");
        String rate = status.bytesPerSecond() > 0 ? " at " + DataSize.format(status.bytesPerSecond()) + "/s" : "";
        return switch (status.phase()) {
            case PENDING -> doing + message;
            case RUNNING ->
                doing + ", " + part(bytes.resident(), bytes) + " resident" + rate
                        + status.etaSeconds()
                                .map(left -> ", about " + Age.format(Duration.ofSeconds(left)) + " left")
                                .orElse("")
                        + message;
            case VERIFYING -> doing + ", " + part(bytes.verified(), bytes) + " verified";
            default -> doing + ", " + DataSize.format(bytes.verified()) + " verified";
        };
    }

    private static String part(long done, LoadStatus.Bytes bytes) {
        return DataSize.format(done) + " of " + DataSize.format(bytes.total());
    }

    @Override
    public void close() {}
}
