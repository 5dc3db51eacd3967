package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.it.HearthRig.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mount and a worker of one node, as processes of {@code bin/hearth}: bytes by descriptor, and without the worker. */
class DescriptorsIT {
    private static final int BYTES = (64 << 20) + 777;
    private static final String SERVED = "hearth_worker_bytes_served_bytes_total";

    @TempDir
    Path directory;

    private HearthRig rig;
    private byte[] content;

    @BeforeEach
    void start() throws IOException {
        HearthRig.assumeMounts();
        rig = new HearthRig(directory);
        content = new byte[BYTES];
        new SplittableRandom(3).nextBytes(content);
        rig.put("model/weights.bin", content);
        // A crowded machine must not make the first read impatient: what is shown here is the way, not its speed.
        rig.setting("client.descriptor-wait", "10s");
        rig.startMaster();
    }

    @AfterEach
    void stop() {
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    void aColdReadSendsNoByteOverTheDataPlane() {
        rig.startWorker();
        rig.createDataset("model", "model");
        Daemon mount = rig.mount("model");
        assertTrue(rig.shell
                .bash("sha256sum " + rig.mountPoint("model") + "/weights.bin")
                .ok()
                .startsWith(ReadThroughIT.sha256(content)));
        assertEquals(0, rig.workerCounter(SERVED));
        assertEquals(1, rig.workerCounter("hearth_worker_descriptors_given_descriptors_total"));
        assertEquals(BYTES, rig.workerCounter("hearth_origin_read_bytes_total"));
        mount.stop();
        HearthRig.await(
                "the worker has it back", () -> rig.workerCounter("hearth_worker_descriptors_open_descriptors") == 0);
    }

    @Test
    void aPausedWorkerIsLeftForTheOriginInTheMiddleOfAFile() {
        Daemon worker = rig.startWorker();
        rig.createDataset("model", "model");
        Daemon mount = rig.mount("model");
        String file = rig.mountPoint("model") + "/weights.bin";
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
