package io.hearth.objectstore.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.protocol.Validator;
import io.hearth.protocol.settings.SettingsBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bytes of a request that was given up, which come all the same. */
class LateBytesTest {
    private static final int LENGTH = 100;

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void doNotKeepTheNextRequestFromTheSink() throws Exception {
        OriginSettings settings = new SettingsBinder(Path.of(""))
                .bind(
                        OriginSettings.class,
                        Map.of("origin.first-byte-timeout", "50ms", "origin.stall-timeout", "20ms"));
        RangeFetch fetch = new RangeFetch(settings, new OriginMetrics(new SimpleMeterRegistry()), new Random(1), timer);
        Late store = new Late();
        List<Integer> taken = new ArrayList<>();
        RangeRequest request = new RangeRequest("k", new Validator.StrongEtag("\"v\""), LENGTH, 0, LENGTH);
        fetch.fetch(store, request, bytes -> {
                    taken.add(bytes.remaining());
                    return CompletableFuture.completedFuture(null);
                })
                .get(20, TimeUnit.SECONDS);
        assertEquals(List.of(LENGTH), taken);
        assertEquals(2, store.sinks.size());
        assertTrue(store.late.toCompletableFuture().isCompletedExceptionally(), "late bytes were taken");
    }

    /** Is silent to the first request until the second one comes. */
    private static final class Late implements ObjectStore {
        private final List<RangeSink> sinks = new ArrayList<>();
        private CompletionStage<Void> late = new CompletableFuture<>();

        @Override
        public CompletableFuture<Void> get(RangeRequest range, RangeSink sink) {
            sinks.add(sink);
            if (sinks.size() == 1) {
                return new CompletableFuture<>();
            }
            late = sinks.get(0).accept(ByteBuffer.allocate(LENGTH));
            return sink.accept(ByteBuffer.allocate(LENGTH)).toCompletableFuture();
        }

        @Override
        public CompletableFuture<ListPage> list(String prefix, Optional<String> continuation, int keysMax) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException("no listing"));
        }

        @Override
        public CompletableFuture<ListedObject> head(String key) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException("no head"));
        }

        @Override
        public CompletableFuture<List<ObjectChecksum>> checksums(String key, Validator validator) {
            return CompletableFuture.failedFuture(new UnsupportedOperationException("no checksums"));
        }

        @Override
        public void close() {}
    }
}
