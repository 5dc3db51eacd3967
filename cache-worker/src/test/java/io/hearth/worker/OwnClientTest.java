package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.WorkerDirectory;
import io.hearth.client.worker.WorkerSource;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The product's own client against the product's own server: random ranges, cold and warm, all at once. */
class OwnClientTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path home;

    @Test
    void randomRangesArriveExactlyAndEachByteIsFetchedOnce() throws Exception {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        WorkerDirectory directory = new WorkerDirectory();
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WorkerSource source = new WorkerSource(
                        directory, "", ClientSettings.defaults(), new ClientMetrics(new SimpleMeterRegistry()))) {
            directory.update(List.of(new WorkerAddress(rig.worker.id(), "127.0.0.1", rig.worker.dataPort())));
            for (int round = 0; round < 8; round++) {
                ObjectRef object = FakeOrigin.object("ranges-" + round, 9 * MIB + 4321);
                rig.origin.bytes.set(0);
                List<CompletableFuture<Void>> reads = new ArrayList<>();
                reads.add(read(source, object, 0, (int) object.sizeBytes(), seed));
                for (int i = 0; i < 10; i++) {
                    long offset = random.nextInt((int) object.sizeBytes());
                    int length = 1 + random.nextInt((int) (object.sizeBytes() - offset));
                    reads.add(read(source, object, offset, length, seed));
                }
                CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
                assertEquals(object.sizeBytes(), rig.origin.bytes.get(), "seed " + seed);
            }
            WorkerRig.await(
                    "no read left",
                    () -> rig.registry
                                    .get("hearth.worker.requests.running")
                                    .gauge()
                                    .value()
                            == 0);
        }
    }

    private static CompletableFuture<Void> read(
            WorkerSource source, ObjectRef object, long offset, int length, long seed) {
        ByteBuffer target = ByteBuffer.allocate(length);
        return source.fetch(WireClient.CONTEXT, object, offset, length, bytes -> {
                    target.put(bytes);
                    return CompletableFuture.completedFuture(null);
                })
                .thenRun(() -> assertArrayEquals(
                        FakeOrigin.expected(object, offset, length), target.array(), "seed " + seed + " at " + offset));
    }
}
