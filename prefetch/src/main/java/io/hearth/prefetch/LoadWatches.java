package io.hearth.prefetch;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The open watches. Thread-safe. */
final class LoadWatches implements AutoCloseable {
    private final Set<LoadWatch> open = ConcurrentHashMap.newKeySet();
    private final int watchesMax;
    private final AtomicLong gauge;

    LoadWatches(int watchesMax, AtomicLong gauge) {
        this.watchesMax = watchesMax;
        this.gauge = gauge;
    }

    /** @throws HearthException {@code OVERLOADED} when there are too many */
    synchronized LoadWatch open() {
        if (open.size() >= watchesMax) {
            throw new HearthException(
                    FailureKind.OVERLOADED, "there are " + open.size() + " watches already (loads.watches-max)");
        }
        LoadWatch watch = new LoadWatch();
        open.add(watch);
        gauge.set(open.size());
        watch.closed().thenRun(() -> {
            open.remove(watch);
            gauge.set(open.size());
        });
        return watch;
    }

    void keepAlive() {
        open.forEach(LoadWatch::keepAlive);
    }

    @Override
    public void close() {
        open.forEach(LoadWatch::close);
    }
}
