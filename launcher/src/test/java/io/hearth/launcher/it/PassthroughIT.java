package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.launcher.it.HearthRig.Daemon;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Resident files that the kernel reads itself, through processes of {@code bin/hearth}, while their worker comes and
 * goes.
 */
class PassthroughIT {
    private static final String HASH = "sha256sum < $M/weights.bin | cut -d' ' -f1";
    private static final int BYTES = (48 << 20) + 777;

    @TempDir
    Path directory;

    private HearthRig rig;
    private byte[] content;
    private int admin;

    @BeforeEach
    void start() throws IOException {
        HearthRig.assumeMounts();
        assumeTrue(Files.isWritable(Path.of("/sys/kernel/mm")), "only root may");
        rig = new HearthRig(directory);
        content = new byte[BYTES];
        new SplittableRandom(4).nextBytes(content);
        rig.put("model/weights.bin", content);
        // A crowded machine must not make an open impatient: what is shown here is the way, not its speed.
        rig.setting("client.descriptor-wait", "10s");
        rig.setting("mount.passthrough-wait", "10s");
        rig.startMaster();
        try (ServerSocket free = new ServerSocket(0)) {
            admin = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() {
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    void aHandleThatTheKernelReadsOutlivesAnEvictionAndItsWorker() {
        Daemon worker = rig.startWorker();
        rig.createDataset("model", "model");
        rig.mount("model", "--admin", String.valueOf(admin));
        assertEquals(sha256(), read(), "cold");
        HearthRig.await("resident, and read by the kernel itself", () -> {
            assertEquals(sha256(), read());
            return opens("passthrough") > 0;
        });
        double reads = requests();
        assertEquals(sha256(), read());
        assertEquals(reads, requests(), "no byte came through the mount's process");
        String file = rig.mountPoint("model") + "/weights.bin";
        String held = "exec 3<" + file + "; ";
        String hash = "sha256sum <&3 | cut -d' ' -f1";

        assertEquals(
                sha256(),
                rig.shell
                        .bash(held + HearthRig.ROOT + "/bin/hearth evict model" + " >&2; " + hash)
                        .ok()
                        .strip());
        assertEquals(sha256(), read(), "after the eviction");
        HearthRig.await("read by the kernel itself again", () -> {
            double before = opens("passthrough");
            assertEquals(sha256(), read());
            return opens("passthrough") > before;
        });
        assertEquals(
                sha256(),
                rig.shell
                        .bash(held + "kill -9 " + worker.process.pid() + "; " + hash)
                        .ok()
                        .strip());
        assertEquals(sha256(), read(), "without a worker");
        rig.startWorker();
        HearthRig.await("verified in the background, and read by the kernel itself", () -> {
            double before = opens("passthrough");
            rig.shell.bash(": < " + file).ok();
            return opens("passthrough") > before;
        });
        double read = requests();
        assertEquals(sha256(), read());
        assertEquals(read, requests());
        assertTrue(opens("descriptor") > 0);
    }

    @Test
    void aMountOfAUserWithoutTheRightIsHelpedByTheNodesWorkerAlsoPastTheWorkersEnd() throws IOException {
        rig.assumeOtherUsers();
        Daemon worker = startHelper();
        rig.createDataset("model", "model");
        Daemon mount = rig.mountAsNobody("model", "--admin", String.valueOf(admin));
        assertEquals(sha256(), readInside(mount), "cold");
        awaitPassthrough(mount);
        double reads = requests();
        assertEquals(sha256(), readInside(mount));
        assertEquals(reads, requests(), "no byte came through the mount's process");
        HearthRig.await(
                "with its last handle the worker has the kernel let go",
                () -> rig.workerCounter("hearth_worker_descriptors_kept_files") == 0);
        // The shell that kills the worker holds the file: others open the same node beside it.
        String between = "exec 3<$M/weights.bin; kill -9 " + worker.process.pid() + "; " + HASH
                + "; sha256sum <&3 | cut -d' ' -f1";
        assertEquals(sha256() + "\n" + sha256(), rig.inside(mount, between));
        startHelper();
        assertEquals(sha256(), readInside(mount));
        awaitPassthrough(mount);
        assertEquals(1, lines(mount, "this node's worker asks for what this process may not"));
    }

    @Test
    void aMountWithoutTheRightWhoseWorkerDoesNotHelpReadsByDescriptorAndSaysWhyOnce() throws IOException {
        rig.assumeOtherUsers();
        rig.startWorker("--set", "worker.socket-mode=0666", "--set", "worker.passthrough-files=0");
        rig.createDataset("model", "model");
        Daemon mount = rig.mountAsNobody("model", "--admin", String.valueOf(admin));
        assertEquals(sha256(), readInside(mount), "cold");
        HearthRig.await("refused", () -> {
            assertEquals(sha256(), readInside(mount));
            return lines(mount, "CAP_SYS_ADMIN") > 0;
        });
        for (int again = 0; again < 3; again++) {
            assertEquals(sha256(), readInside(mount));
        }
        assertEquals(1, lines(mount, "CAP_SYS_ADMIN"));
        assertEquals(0, opens("passthrough"));
    }

    private Daemon startHelper() {
        return rig.startWorker("--set", "worker.socket-mode=0666");
    }

    private void awaitPassthrough(Daemon mount) {
        HearthRig.await("read by the kernel itself", () -> {
            double before = opens("passthrough");
            assertEquals(sha256(), readInside(mount));
            return opens("passthrough") > before;
        });
    }

    private String readInside(Daemon mount) {
        return rig.inside(mount, HASH);
    }

    private static long lines(Daemon daemon, String text) {
        try (Stream<String> lines = Files.lines(daemon.log)) {
            return lines.filter(line -> line.contains(text)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String read() {
        return rig.shell
                .bash("sha256sum < " + rig.mountPoint("model") + "/weights.bin | cut -d' ' -f1")
                .ok()
                .strip();
    }

    private String sha256() {
        return ReadThroughIT.sha256(content);
    }

    private double opens(String path) {
        return metric("hearth_mount_opens_total{path=\"" + path + "\"}");
    }

    private double requests() {
        return metric("hearth_mount_operations_seconds_count{operation=\"read\"}");
    }

    private double metric(String name) {
        return rig.get("http://127.0.0.1:" + admin + "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }
}
