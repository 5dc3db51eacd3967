package io.hearth.objectstore.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginSpec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/** A store whose client cannot be made at first. */
class S3OpeningTest {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger openings = new AtomicInteger();
    private final OriginSpec origin =
            OriginSpec.parse("s3://bucket/", Optional.empty(), Optional.of("us-east-1"), true);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void aClientThatCouldNotBeMadeIsMadeByALaterCall() throws Exception {
        S3ObjectStore store = new S3ObjectStore(
                origin,
                this::open,
                new S3Failures(origin, true),
                OriginSettings.defaults(),
                new OriginMetrics(new SimpleMeterRegistry()),
                timer,
                new Semaphore(10),
                closed -> {});
        // The first opening, of the constructor, failed; so does the second, of this call.
        ExecutionException failure =
                assertThrows(ExecutionException.class, () -> store.head("key").get(30, TimeUnit.SECONDS));
        assertEquals(FailureKind.OVERLOADED, HearthException.of(failure).kind());
        assertEquals(7, store.head("key").get(30, TimeUnit.SECONDS).sizeBytes());
        store.head("key").get(30, TimeUnit.SECONDS);
        assertEquals(3, openings.get());
        store.close();
    }

    private CompletableFuture<S3AsyncClient> open() {
        return openings.incrementAndGet() < 3
                ? CompletableFuture.failedFuture(new HearthException(FailureKind.OVERLOADED, "as the test wants it"))
                : CompletableFuture.completedFuture(new Client());
    }

    private static final class Client implements S3AsyncClient {
        @Override
        public CompletableFuture<HeadObjectResponse> headObject(Consumer<HeadObjectRequest.Builder> request) {
            return CompletableFuture.completedFuture(HeadObjectResponse.builder()
                    .contentLength(7L)
                    .eTag("\"v1\"")
                    .build());
        }

        @Override
        public String serviceName() {
            return "s3";
        }

        @Override
        public void close() {}
    }
}
