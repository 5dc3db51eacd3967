package io.hearth.prefetch;

import io.hearth.protocol.api.LoadStatus;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A load that has not ended, as the engine knows it: how it stands, who watches it. Thread-safe. */
final class LiveLoad {
    private final String datasetUid;
    private final CompletableFuture<LoadStatus> ended = new CompletableFuture<>();
    private final Set<LoadWatch> watches = ConcurrentHashMap.newKeySet();
    private volatile LoadStatus status;
    private volatile boolean cancelled;

    LiveLoad(String datasetUid, LoadStatus first) {
        this.datasetUid = datasetUid;
        this.status = first;
    }

    String datasetUid() {
        return datasetUid;
    }

    LoadStatus status() {
        return status;
    }

    /** Done with the last state; never failed. */
    CompletableFuture<LoadStatus> ended() {
        return ended;
    }

    void cancel() {
        cancelled = true;
    }

    boolean cancelled() {
        return cancelled;
    }

    /** Tells who watches; the last state ends their watches. */
    void publish(LoadStatus now) {
        status = now;
        watches.forEach(watch -> watch.tell(now));
        if (now.phase().ended()) {
            ended.complete(now);
        }
    }

    void watch(LoadWatch watch) {
        watches.add(watch);
        watch.closed().whenComplete((done, failure) -> watches.remove(watch));
        watch.tell(status); // After it was added: a state in between is told twice, never not at all.
    }
}
