package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.it.HearthRig.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A mount and a worker of one node, as processes of {@code bin/hearth}: bytes by descriptor, and without the worker.
 */
class DescriptorsIT {
    private static final int BYTES = (64 << 20) + 777;
    private static final String SERVED = "hearth_worker_bytes_served_bytes_total";

    private static final String GIVEN = "hearth_worker_descriptors_given_descriptors_total";
    private static final String ORIGIN_BYTES = "hearth_origin_read_bytes_total";

    @TempDir
    static Path directory;

    private static HearthRig rig;
    private static Daemon worker;
    private static byte[] content;

    @BeforeAll
    static void start() throws IOException {
        HearthRig.assumeMounts();
        rig = new HearthRig(directory);
        content = new byte[BYTES];
        new SplittableRandom(3).nextBytes(content);
        rig.put("model/weights.bin", content);
        rig.put("paused/weights.bin", content);
        // A crowded machine must not make the first read impatient: what is shown here is the way, not its speed.
        rig.setting("client.descriptor-wait", "10s");
        rig.startMaster();
        worker = rig.startWorker();
    }

    @AfterAll
    static void stop() {
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    void aColdReadSendsNoByteOverTheDataPlane() {
        long served = rig.workerCounter(SERVED);
        long given = rig.workerCounter(GIVEN);
        long fetched = rig.workerCounter(ORIGIN_BYTES);
        rig.createDataset("model", "model");
        Daemon mount = rig.mount("model");
        assertTrue(rig.shell
                .bash("sha256sum " + rig.mountPoint("model") + "/weights.bin")
                .ok()
                .startsWith(ReadThroughIT.sha256(content)));
        assertEquals(served, rig.workerCounter(SERVED));
        assertEquals(given + 1, rig.workerCounter(GIVEN));
        assertEquals(fetched + BYTES, rig.workerCounter(ORIGIN_BYTES));
        mount.stop();
        HearthRig.await(
                "the worker has it back", () -> rig.workerCounter("hearth_worker_descriptors_open_descriptors") == 0);
    }

    @Test
    void aPausedWorkerIsLeftForTheOriginInTheMiddleOfAFile() {
        rig.createDataset("paused", "paused");
        Daemon mount = rig.mount("paused");
        String file = rig.mountPoint("paused") + "/weights.bin";
        // Ten chunks at the start and what is read ahead of them are there, the end is not.
        rig.shell.bash("head -c 10485760 " + file + " | sha256sum").ok();
        worker.pause();
        try {
            assertTrue(rig.shell.bash("sha256sum " + file).ok().startsWith(ReadThroughIT.sha256(content)));
        } finally {
            worker.goOn();
        }
        assertTrue(Files.exists(rig.home().resolve("run/worker.sock")));
        assertTrue(rig.shell.bash("sha256sum " + file).ok().startsWith(ReadThroughIT.sha256(content)));
        mount.stop();
    }
}
