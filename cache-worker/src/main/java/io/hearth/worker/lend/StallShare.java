package io.hearth.worker.lend;

import java.util.ArrayDeque;
import java.util.Optional;

/** How much of the last window tasks were stalled, from the counters of a pressure file. One thread's. */
final class StallShare {
    /** Of one window: looks come closer together only by a mistake in the settings. */
    private static final int LOOKS_MAX = 1024;

    private record Look(long atMs, Pressure pressure) {}

    /** Percent of the window in which some task, and all of them, were stalled. */
    record Percent(double some, double full) {
        static final Percent NONE = new Percent(0, 0);
    }

    private final StatusText file;
    private final long windowMs;
    private final ArrayDeque<Look> looks = new ArrayDeque<>();

    StallShare(StatusText file, long windowMs) {
        this.file = file;
        this.windowMs = windowMs;
    }

    /** Nothing before half a window has passed: one stall of 10 ms between two looks of 100 ms is no pressure. */
    Percent look(long nowMs) {
        Optional<Pressure> now = file.read().flatMap(Pressure::parse);
        if (now.isEmpty()) {
            looks.clear();
            return Percent.NONE;
        }
        looks.add(new Look(nowMs, now.get()));
        while (looks.size() > LOOKS_MAX || looks.size() > 2 && secondIsOldEnough(nowMs)) {
            looks.remove();
        }
        Look first = looks.peek();
        long passedMs = nowMs - first.atMs();
        if (passedMs < windowMs / 2) {
            return Percent.NONE;
        }
        return new Percent(
                percent(now.get().someMicros() - first.pressure().someMicros(), passedMs),
                percent(now.get().fullMicros() - first.pressure().fullMicros(), passedMs));
    }

    private boolean secondIsOldEnough(long nowMs) {
        return nowMs - looks.stream().skip(1).findFirst().orElseThrow().atMs() >= windowMs;
    }

    private static double percent(long micros, long passedMs) {
        return Math.max(0, Math.min(100, micros / 10.0 / passedMs));
    }
}
