package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.testing.Content;
import io.hearth.testing.origin.OriginLimits;
import io.hearth.testing.origin.StubOrigin;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose blocks are read out of order, by one mount and then by another. */
class ReplayIT {
    private static final int BLOCKS = 9;
    private static final long BLOCK = 8 << 20;
    private static final String ORIGIN_BYTES = "hearth_origin_read_bytes_total";
    private static final List<Integer> READ = List.of(5, 2, 7, 1, 6, 3);

    @TempDir
    Path directory;

    private final StubOrigin origin = new StubOrigin(OriginLimits.none(), 1);
    private HearthRig rig;

    @BeforeEach
    void start() throws IOException {
        HearthRig.assumeMounts();
        rig = new HearthRig(directory);
        rig.setting("client.descriptor-wait", "10s");
        rig.setting("client.intent-order-wait", "10s");
        rig.setting("mount.passthrough", "off");
        rig.startMaster();
    }

    @AfterEach
    void stop() {
        if (rig != null) {
            rig.close();
        }
        origin.close();
    }

    @Test
    void theNextColdFillAsksTheOriginInTheOrderInWhichTheModelWasRead() throws IOException {
        origin.put("model.safetensors", new Model(Content.noise(3, BLOCKS * BLOCK)));
        rig.startWorker("--set", "worker.prefetch-depth=1");
        rig.hearth(
                        "dataset",
                        "create",
                        "model",
                        "--origin",
                        "s3://" + StubOrigin.BUCKET,
                        "--endpoint",
                        origin.endpoint().toString(),
                        "--path-style",
                        "--credentials",
                        "anonymous")
                .ok();
        int admin = freePort();
        var first = rig.mount("model", "--admin", String.valueOf(admin));
        String file = rig.mountPoint("model") + "/model.safetensors";
        String blocks = READ.stream().map(String::valueOf).collect(Collectors.joining(" "));
        // One handle for as long as it is read, as a mapping is.
        rig.shell
                .bash("exec 3<" + file + "; head -c 8 " + file + " >/dev/null; for b in " + blocks
                        + "; do dd if=" + file
                        + " of=/dev/null bs=4096 count=1 skip=$((b * 2048 + 256)) 2>/dev/null; done")
                .ok();
        HearthRig.await("the order is recorded", () -> counter(admin, "recorded") == 1);
        HearthRig.await("all is filled", () -> rig.workerCounter(ORIGIN_BYTES) == BLOCKS * BLOCK);
        first.stop();

        rig.hearth("evict", "model").ok();
        origin.takeOffsets();
        rig.mount("model", "--admin", String.valueOf(admin));
        rig.shell.bash("head -c 8 " + file + " >/dev/null").ok();
        HearthRig.await("all is filled again", () -> rig.workerCounter(ORIGIN_BYTES) == 2 * BLOCKS * BLOCK);
        List<Integer> filled = origin.takeOffsets().stream()
                .map(offset -> (int) (offset / BLOCK))
                .distinct()
                .toList();
        assertEquals(List.of(0, 5, 2, 7, 1, 6, 3, 4, 8), filled);
        assertEquals(1, counter(admin, "replayed"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private double counter(int admin, String what) {
        String name = "hearth_client_intent_" + what + "_files_total ";
        return rig.get("http://127.0.0.1:" + admin + "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }

    /** Noise behind a header. */
    private record Model(Content noise) implements Content {
        private static final byte[] JSON =
                "{\"x\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}".getBytes(StandardCharsets.UTF_8);

        @Override
        public long sizeBytes() {
            return noise.sizeBytes();
        }

        @Override
        public void read(long offset, ByteBuffer target) {
            byte[] header = ByteBuffer.allocate(Long.BYTES + JSON.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(JSON.length)
                    .put(JSON)
                    .array();
            int known = (int) Math.max(0, Math.min(target.remaining(), header.length - offset));
            if (known > 0) {
                target.put(header, (int) offset, known);
            }
            noise.read(offset + known, target);
        }
    }
}
