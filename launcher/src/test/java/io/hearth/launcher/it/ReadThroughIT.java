package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.it.HearthRig.Daemon;
import io.hearth.protocol.Digests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The main job with its deaths: one master, one worker, mounts, all as processes. */
@TestMethodOrder(OrderAnnotation.class)
class ReadThroughIT {
    private static final int BIG_BYTES = (96 << 20) + 12_345;
    private static final String ORIGIN_BYTES = "hearth_origin_read_bytes_total";

    @TempDir
    static Path directory;

    private static HearthRig rig;
    private static Daemon worker;
    private static byte[] big;

    @BeforeAll
    static void start() throws Exception {
        HearthRig.assumeMounts();
        rig = new HearthRig(directory);
        big = new byte[BIG_BYTES];
        new SplittableRandom(1).nextBytes(big);
        rig.put("model/big.bin", big);
        for (int i = 0; i < 50; i++) {
            rig.put("model/small/f" + i, ("content " + i).getBytes());
        }
        rig.startMaster();
        worker = rig.startWorker();
        rig.createDataset("model", "model");
    }

    @AfterAll
    static void stop() {
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    @Order(1)
    void aColdReadFetchesEachByteOnceAndASecondOneNothing() {
        Daemon mount = rig.mount("model");
        String mnt = rig.mountPoint("model").toString();
        assertTrue(rig.shell.bash("sha256sum " + mnt + "/big.bin").ok().startsWith(sha256(big)));
        assertEquals(BIG_BYTES, rig.workerCounter(ORIGIN_BYTES));

        mount.stop();
        mount = rig.mount("model");
        assertTrue(rig.shell.bash("sha256sum " + mnt + "/big.bin").ok().startsWith(sha256(big)));
        assertEquals(BIG_BYTES, rig.workerCounter(ORIGIN_BYTES), "a second read of a resident file asks the origin");
        mount.stop();
        assertFalse(rig.shell.bash("cat /proc/self/mountinfo").ok().contains(mnt), "SIGTERM leaves no mount behind");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr-fuse"})
    @Order(2)
    void usersToolsReadTheTree(String transport) throws Exception {
        Daemon mount = rig.mount("model", "--set", "mount.transport=" + transport);
        String mnt = rig.mountPoint("model").toString();
        assertEquals("51\n", rig.shell.bash("find " + mnt + " -type f | wc -l").ok());
        Path copy = directory.resolve("copy-" + transport);
        rig.shell.bash("cp -r " + mnt + " " + copy).ok();
        assertEquals(sha256(big), sha256(Files.readAllBytes(copy.resolve("big.bin"))));
        assertEquals("content 7", Files.readString(copy.resolve("small/f7")));
        String mapped = rig.shell
                .run(
                        java.time.Duration.ofMinutes(1),
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        Path.of("src/test/java/io/hearth/launcher/it/MappedDigest.java")
                                .toAbsolutePath()
                                .toString(),
                        mnt + "/big.bin")
                .ok();
        assertEquals(sha256(big), mapped.strip());
        assertNotEquals(0, rig.shell.bash("touch " + mnt + "/x").exit());
        mount.stop();
    }

    @Test
    @Order(3)
    void theWorkerIsKilledInMidReadAndTheReaderGetsExactBytes() {
        rig.hearth("evict", "model").ok();
        Daemon mount = rig.mount("model");
        String mnt = rig.mountPoint("model").toString();
        // The reader stops after 20 MiB until the worker is gone, and goes on then.
        Process reader = readerThatPauses(mnt + "/big.bin", directory.resolve("gone"), directory.resolve("paused"));
        HearthRig.await("the reader has read 20 MiB", () -> Files.exists(directory.resolve("paused")));
        worker.kill();
        rig.shell.bash("touch " + directory.resolve("gone")).ok();
        assertEquals(sha256(big), output(reader).substring(0, 64));
        mount.stop();
    }

    @Test
    @Order(4)
    void aWorkerComesBackWithItsCache() {
        worker = rig.startWorker();
        HearthRig.await(
                "the worker has told what it holds",
                () -> !rig.hearth("where", "model", "-o", "json").ok().contains("\"cachedBytes\" : 0"));
        long held = cachedBytes();
        assertTrue(held >= 16 << 20, "what was cached before the kill is still there: " + held);
        Daemon mount = rig.mount("model");
        String read = rig.shell
                .bash("sha256sum " + rig.mountPoint("model") + "/big.bin")
                .ok();
        assertTrue(read.startsWith(sha256(big)), read);
        assertTrue(
                rig.workerCounter(ORIGIN_BYTES) <= BIG_BYTES - held + (50 * 16),
                "only what is missing is fetched: " + rig.workerCounter(ORIGIN_BYTES) + " with " + held + " held");
        mount.stop();
    }

    @Test
    @Order(5)
    void theMasterRestartsUnderAMountAndKnowsEverything() {
        // A worker that never asked for access, so that the mount must go on with its own.
        worker.stop();
        worker = rig.startWorker();
        Daemon mount = rig.mount("model");
        String mnt = rig.mountPoint("model").toString();
        rig.masterKilled();
        assertEquals("content 3", rig.shell.bash("cat " + mnt + "/small/f3").ok());
        rig.startMaster();
        assertTrue(rig.hearth("dataset", "list").ok().contains("model"));
        HearthRig.await(
                "the worker is known again",
                () -> rig.hearth("where", "model").ok().contains("SSD"));
        assertEquals("content 4", rig.shell.bash("cat " + mnt + "/small/f4").ok());
        mount.stop();
    }

    private static long cachedBytes() {
        String json = rig.hearth("where", "model", "-o", "json").ok();
        return Long.parseLong(json.replaceAll("(?s).*?\"cachedBytes\" : (\\d+).*", "$1"));
    }

    private static Process readerThatPauses(String file, Path go, Path paused) {
        String script = "( head -c 20971520; touch " + paused + "; until [ -e " + go
                + " ]; do sleep 0.05; done; cat ) < " + file + " | sha256sum";
        try {
            return rig.shell
                    .builder("bash", "-c", script)
                    .redirectErrorStream(true)
                    .start();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String output(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(Digests.sha256().digest(bytes));
    }
}
