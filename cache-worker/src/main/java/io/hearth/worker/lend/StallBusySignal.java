package io.hearth.worker.lend;

import java.util.Locale;
import java.util.Optional;

/** Tasks wait for I/O, or for a CPU. */
final class StallBusySignal implements BusySignal {
    private final String what;
    private final StallShare share;
    private final int percentMin;

    /** @param what of which tasks wait: {@code I/O} */
    StallBusySignal(String what, StallShare share, int percentMin) {
        this.what = what;
        this.share = share;
        this.percentMin = percentMin;
    }

    @Override
    public Optional<String> busy(long nowMs) {
        double percent = share.look(nowMs).some();
        return percent < percentMin
                ? Optional.empty()
                : Optional.of(String.format(Locale.ROOT, "tasks waited for %s %.0f %% of the time", what, percent));
    }
}
