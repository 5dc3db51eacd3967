package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mount and a worker fetch for many readers of one file, and for a reader of a model's header. */
class StreamsIT {
    private static final int BYTES = (40 << 20) + 777;
    private static final int READERS = 100;
    private static final String ORIGIN_BYTES = "hearth_origin_read_bytes_total";

    @TempDir
    static Path directory;

    private static HearthRig rig;
    private static byte[] content;

    @BeforeAll
    static void start() throws IOException {
        HearthRig.assumeMounts();
        rig = new HearthRig(directory);
        content = new byte[BYTES];
        new SplittableRandom(5).nextBytes(content);
        // A crowded machine must not make reads impatient: what is shown here is what is fetched, not how fast.
        rig.setting("client.descriptor-wait", "10s");
        rig.startMaster();
        rig.startWorker();
    }

    @AfterAll
    static void stop() {
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    void aHundredReadersOfAColdFileFetchEachByteOnce() {
        rig.put("many/data.bin", content);
        long before = rig.workerCounter(ORIGIN_BYTES);
        rig.createDataset("many", "many");
        rig.mount("many");
        String sums = rig.shell
                .bash("for i in $(seq " + READERS + "); do sha256sum < " + rig.mountPoint("many")
                        + "/data.bin & done; wait")
                .ok();
        long right = sums.lines()
                .filter(line -> line.startsWith(ReadThroughIT.sha256(content)))
                .count();
        assertEquals(READERS, right, sums);
        assertEquals(BYTES, rig.workerCounter(ORIGIN_BYTES) - before);
    }

    @Test
    void theHeaderOfAModelFillsItsShardsAndAHostileOneNothing() {
        byte[] shard = content.clone();
        byte[] json =
                "{\"x\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}".getBytes(StandardCharsets.UTF_8);
        ByteBuffer.wrap(shard)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json);
        byte[] index = "{\"weight_map\":{\"x\":\"m-1.safetensors\",\"y\":\"m-2.safetensors\"}}"
                .getBytes(StandardCharsets.UTF_8);
        rig.put("model/m-1.safetensors", shard);
        rig.put("model/m-2.safetensors", shard);
        rig.put("model/m.safetensors.index.json", index);
        rig.put("model/hostile.safetensors", content);
        long before = rig.workerCounter(ORIGIN_BYTES);
        rig.createDataset("model", "model");
        rig.mount("model");
        Path mount = rig.mountPoint("model");
        assertTrue(rig.shell
                .bash("sha256sum " + mount + "/hostile.safetensors")
                .ok()
                .startsWith(ReadThroughIT.sha256(content)));
        assertEquals(BYTES, rig.workerCounter(ORIGIN_BYTES) - before);
        rig.shell.bash("head -c 8 " + mount + "/m-1.safetensors >/dev/null").ok();
        long all = 3L * BYTES + index.length;
        HearthRig.await("both shards are filled", () -> rig.workerCounter(ORIGIN_BYTES) - before == all);
        assertTrue(
                rig.shell.bash("sha256sum " + mount + "/m-2.safetensors").ok().startsWith(ReadThroughIT.sha256(shard)));
        assertEquals(all, rig.workerCounter(ORIGIN_BYTES) - before);
    }
}
