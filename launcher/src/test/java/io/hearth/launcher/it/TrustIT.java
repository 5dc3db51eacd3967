package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster with a token, and those who have another or none. */
class TrustIT {
    private static final String TOKEN = "the-first-token-of-this-cluster";
    private static final String NEXT = "the-token-that-comes-after-it";
    private static final String OTHER = "a-token-of-another-cluster";

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    static Path directory;

    private static HearthRig rig;
    private static byte[] bytes;

    @BeforeAll
    static void start() throws Exception {
        HearthRig.assumeMounts();
        rig = new HearthRig(directory);
        bytes = new byte[3 << 20];
        new SplittableRandom(1).nextBytes(bytes);
        rig.put("set/a.bin", bytes);
        rig.put("set/b.bin", bytes);
        rig.put("set/c.bin", bytes);
        rig.put("set/d.bin", bytes);
        Files.createDirectories(rig.home());
        Files.writeString(rig.home().resolve("token"), TOKEN + "\n");
        rig.startMaster();
        rig.startWorker();
        rig.createDataset("set", "set");
    }

    @AfterAll
    static void stop() {
        if (rig != null) {
            rig.close();
        }
    }

    private static String withToken(String file, String text, String command) throws Exception {
        Path other = directory.resolve(file);
        Files.writeString(other, text);
        return "HEARTH_TRUST_TOKEN_FILE=" + other + " hearth " + command;
    }

    @Test
    void whoShowsNoTokenOrAnotherIsRefusedInOneLine() throws Exception {
        String none = "HEARTH_TRUST_TOKEN_FILE=" + directory.resolve("no-such-file") + " hearth ";
        String admin = " --admin " + rig.workerAdminUrl();
        for (String command : new String[] {"dataset list", "worker status" + admin, "worker drain" + admin}) {
            String refused = rig.shell.bash(none + command).refused(1);
            assertTrue(refused.contains("none was shown"), refused);
            refused = rig.shell.bash(withToken("other", OTHER, command)).refused(1);
            assertTrue(refused.contains("not this cluster's"), refused);
        }
        String malformed =
                rig.shell.bash(withToken("bad", "short", "dataset list")).refused(2);
        assertTrue(malformed.contains("openssl rand -hex 32"), malformed);
        assertEquals(
                401,
                rig.get(rig.masterUrl() + "/v1/namespaces/default/datasets").statusCode());
        assertEquals(401, rig.get(rig.workerAdminUrl() + "/metrics").statusCode());
        assertEquals(200, rig.get(rig.masterUrl() + "/healthz").statusCode());
        assertEquals(200, rig.get(rig.workerAdminUrl() + "/readyz").statusCode());
        Path mountPoint = rig.mountPoint("refused");
        String mount = rig.shell
                .bash(withToken("other", OTHER, "mount set " + mountPoint))
                .refused(1);
        assertTrue(mount.contains("not this cluster's"), mount);
    }

    @Test
    void aTokenIsReplacedUnderAMountThatLives() throws Exception {
        Path file = rig.home().resolve("token");
        HearthRig.Daemon mount = rig.mount("set");
        try {
            Path mounted = rig.mountPoint("set");
            assertArrayEquals(bytes, Files.readAllBytes(mounted.resolve("a.bin")));
            Files.writeString(file, TOKEN + "\n" + NEXT + "\n");
            awaitTaken(NEXT);
            Files.writeString(file, NEXT + "\n");
            HearthRig.await("both refuse the old token", () -> answers(TOKEN).equals(List.of(401, 401)));
            assertArrayEquals(bytes, Files.readAllBytes(mounted.resolve("b.bin")));
            rig.hearth("load", "create", "set", "/c.bin", "--wait").ok();
            assertArrayEquals(bytes, Files.readAllBytes(mounted.resolve("c.bin")));
            assertTrue(mount.process.isAlive());
            mount.stop();
            mount = rig.mount("set"); // Which the worker greets anew; through the origin alone it would have three.
            assertArrayEquals(bytes, Files.readAllBytes(mounted.resolve("d.bin")));
            HearthRig.await(
                    "the worker has all four",
                    () -> rig.hearth("where", "set").out().contains("12MiB"));
        } finally {
            mount.stop();
            Files.writeString(file, TOKEN + "\n");
            awaitTaken(TOKEN);
        }
    }

    private static void awaitTaken(String token) {
        HearthRig.await("master and worker take the token", () -> answers(token).equals(List.of(200, 200)));
    }

    /** What master and worker answer to a caller with this token. */
    private static List<Integer> answers(String token) {
        return Stream.of(rig.masterUrl() + "/v1/namespaces/default/datasets", rig.workerAdminUrl() + "/v1/lending")
                .map(url -> HttpRequest.newBuilder(URI.create(url))
                        .header("authorization", "Bearer " + token)
                        .build())
                .map(TrustIT::status)
                .toList();
    }

    private static int status(HttpRequest request) {
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void withoutATokenNothingListensBeyondLoopback() throws Exception {
        String none = "HEARTH_HOME=" + directory.resolve("bare") + " hearth ";
        for (String command : new String[] {"master --set master.bind=0.0.0.0", "worker --set worker.host=0.0.0.0"}) {
            String refused = rig.shell.bash(none + command).refused(2);
            assertTrue(refused.contains("beyond loopback, which needs the cluster's token"), refused);
        }
    }

    @Test
    void aWorkerOnEveryAddressMustSayByWhichItIsReached() {
        String refused = rig.hearth("worker", "--set", "worker.host=0.0.0.0").refused(2);
        assertTrue(refused.contains("set worker.advertised-host"), refused);
    }
}
