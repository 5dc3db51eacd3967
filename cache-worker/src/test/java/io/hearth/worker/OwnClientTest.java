package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.WorkerDirectory;
import io.hearth.client.worker.WorkerSource;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WorkerSource source = source(rig, ClusterToken.NONE)) {
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

    @Test
    void onlyAClientWithTheClustersTokenIsLetIn() throws Exception {
        OneToken token = new OneToken("a-token-of-the-cluster");
        ObjectRef object = FakeOrigin.object("guarded", MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of(), token)) {
            assertRefused(rig, object, ClusterToken.NONE, "none was shown");
            assertRefused(rig, object, new OneToken("another-token-0123456"), "is not this cluster's");
            assertEquals(0, rig.origin.bytes.get());
            try (WorkerSource source = source(rig, token)) {
                read(source, object, 0, MIB, 0).get(20, TimeUnit.SECONDS);
            }
        }
    }

    private static void assertRefused(WorkerRig rig, ObjectRef object, ClusterToken shown, String why) {
        try (WorkerSource source = source(rig, shown)) {
            ExecutionException refused = assertThrows(
                    ExecutionException.class,
                    () -> read(source, object, 0, MIB, 0).get(20, TimeUnit.SECONDS));
            assertTrue(refused.getMessage().contains(why), refused.getMessage());
        }
    }

    private static WorkerSource source(WorkerRig rig, ClusterToken token) {
        WorkerDirectory directory = new WorkerDirectory();
        directory.update(List.of(new WorkerAddress(rig.worker.id(), "127.0.0.1", rig.worker.dataPort())));
        return new WorkerSource(
                directory, token, ClientSettings.defaults(), new ClientMetrics(new SimpleMeterRegistry()));
    }

    private record OneToken(String shown) implements ClusterToken {
        @Override
        public boolean admits(String other) {
            return shown.equals(other);
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
