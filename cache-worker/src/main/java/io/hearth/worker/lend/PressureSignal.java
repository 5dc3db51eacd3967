package io.hearth.worker.lend;

import io.hearth.worker.lend.Demand.Want;
import java.util.Locale;

/** Tasks wait for memory. Tells no bytes: a stall does not say how many would end it. */
final class PressureSignal implements Signal {
    private final String name;
    private final StallShare share;
    private final double somePercentMax;
    private final double fullPercentMax;

    /** Wants from either threshold on; is calm again below the half of both. */
    PressureSignal(String name, StallShare share, double somePercentMax, double fullPercentMax) {
        this.name = name;
        this.share = share;
        this.somePercentMax = somePercentMax;
        this.fullPercentMax = fullPercentMax;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Demand look(long nowMs) {
        StallShare.Percent now = share.look(nowMs);
        double overThreshold = Math.max(now.some() / somePercentMax, now.full() / fullPercentMax);
        Want want = overThreshold >= 1 ? Want.WANTED : overThreshold >= 0.5 ? Want.UNEASY : Want.CALM;
        return new Demand(
                want,
                0,
                String.format(
                        Locale.ROOT,
                        "%s: some tasks stalled %.1f %%, all tasks %.1f %% of the time",
                        name,
                        now.some(),
                        now.full()));
    }
}
