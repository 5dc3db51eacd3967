package io.hearth.bench.origin;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.ListedObject;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.engine.Claim;
import io.hearth.objectstore.engine.OriginLane;
import io.hearth.objectstore.engine.PieceStart;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.objectstore.engine.Urgency;
import io.hearth.objectstore.s3.S3ObjectStores;
import io.hearth.testing.Content;
import io.hearth.testing.origin.OriginLimits;
import io.hearth.testing.origin.StubOrigin;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Reads an object by the origin engine alone, all its blocks wanted at once, and times every range. */
final class EngineRead {
    private static final int BLOCK_BYTES = 8 << 20;
    private static final int SECONDS_MAX = 120;
    private static final long REHEARSAL_BYTES = 128 << 20;
    private static final int REHEARSALS = 3;

    private final List<Double> rangeSeconds = Collections.synchronizedList(new ArrayList<>());
    private double seconds;

    /** Time of the whole. */
    double seconds() {
        return seconds;
    }

    /** The time that {@code share} of the ranges did not exceed, from a range's turn to its last byte. */
    double rangeSeconds(double share) {
        List<Double> sorted = new ArrayList<>(rangeSeconds);
        Collections.sort(sorted);
        return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(share * sorted.size())));
    }

    /**
     * Reads some ranges of an origin without limits: classes are loaded and code is compiled before anything is timed.
     */
    static void rehearse() throws Exception {
        try (StubOrigin origin = new StubOrigin(OriginLimits.none(), 1)) {
            origin.put("rehearsal", Content.noise(1, REHEARSAL_BYTES));
            for (int i = 0; i < REHEARSALS; i++) {
                read(origin, "rehearsal");
            }
        }
    }

    static EngineRead read(StubOrigin origin, String key) throws Exception {
        EngineRead read = new EngineRead();
        OriginMetrics metrics = new OriginMetrics(new SimpleMeterRegistry());
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
        timer.setRemoveOnCancelPolicy(true);
        try (S3ObjectStores stores = new S3ObjectStores(OriginSettings.defaults(), metrics);
                ObjectStore store = stores.open(origin.access())) {
            ListedObject object = store.head(key).get(SECONDS_MAX, TimeUnit.SECONDS);
            read.all(origin, store, object, new RangeFetch(OriginSettings.defaults(), metrics, new Random(1), timer));
        } finally {
            timer.shutdownNow();
        }
        return read;
    }

    private void all(StubOrigin origin, ObjectStore store, ListedObject object, RangeFetch ranges) throws Exception {
        long startNs = System.nanoTime();
        List<CompletableFuture<Void>> blocks = new ArrayList<>();
        for (long at = 0; at < object.sizeBytes(); at += BLOCK_BYTES) {
            int length = (int) Math.min(BLOCK_BYTES, object.sizeBytes() - at);
            OriginLane lane = ranges.lane(origin.access().origin(), "bench", object.key(), new Claim(Urgency.LOAD));
            PieceStart start = (turn, offset, count) -> {
                long turnNs = System.nanoTime();
                RangeRequest request =
                        new RangeRequest(object.key(), object.validator(), object.sizeBytes(), offset, count);
                return ranges.fetch(lane, turn, store, request, bytes -> CompletableFuture.completedFuture(null))
                        .whenComplete((done, failure) -> rangeSeconds.add((System.nanoTime() - turnNs) / 1e9));
            };
            blocks.add(ranges.inPieces(lane, object.validator(), object.sizeBytes(), at, length, start));
        }
        CompletableFuture.allOf(blocks.toArray(CompletableFuture[]::new)).get(SECONDS_MAX, TimeUnit.SECONDS);
        seconds = (System.nanoTime() - startNs) / 1e9;
    }
}
