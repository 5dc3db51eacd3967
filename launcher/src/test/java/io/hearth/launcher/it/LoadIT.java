package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.it.HearthRig.Daemon;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadList;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads through the commands, with the servers as processes and an origin that can be held back. */
class LoadIT {
    private static final int BIG_BYTES = (40 << 20) + 321;
    private static final String ORIGIN_BYTES = "hearth_origin_read_bytes_total";

    @TempDir
    static Path directory;

    private static HearthRig rig;
    private static GatedOrigin origin;
    private static Daemon worker;
    private static byte[] big;

    @BeforeAll
    static void start() throws Exception {
        rig = new HearthRig(directory);
        origin = GatedOrigin.before(rig.store.endpoint());
        big = new byte[BIG_BYTES];
        new SplittableRandom(11).nextBytes(big);
        rig.startMaster();
        worker = rig.startWorker();
    }

    @AfterEach
    void openTheGate() {
        origin.release();
    }

    @AfterAll
    static void stop() throws IOException {
        rig.close();
        origin.close();
    }

    @Test
    void aLoadedDatasetIsReadWithoutItsOrigin() {
        rig.put("warm/big.bin", big);
        rig.put("warm/empty", new byte[0]);
        rig.put("warm/größe/one.txt", "one".getBytes());
        dataset("warm", rig.store.endpoint());
        long before = rig.workerCounter(ORIGIN_BYTES);

        Shell.Result created = rig.hearth("load", "create", "warm", "--wait");
        String row = row(created.ok(), "warm");
        assertTrue(row.matches("\\S+ +warm +Complete +\\d+s +\\d+s +100.0%"), row);
        assertTrue(
                created.err().lines().allMatch(line -> line.startsWith("hearth: load ")),
                "a line for each phase: " + created.err());
        assertTrue(created.err().contains("complete"), created.err());

        assertEquals(BIG_BYTES + 3, rig.workerCounter(ORIGIN_BYTES) - before, "each byte is fetched once");
        String list = rig.hearth("load", "list").ok();
        assertEquals(
                List.of("NAME", "DATASET", "PHASE", "AGE", "DURATION", "PROGRESS"),
                List.of(list.lines().findFirst().orElse("").split(" +")));
        assertTrue(row(list, "warm").contains("100.0%"), list);
        HearthRig.await(
                "the dataset is cached by what the master hears",
                () -> rig.hearth("dataset", "list")
                        .ok()
                        .lines()
                        .anyMatch(line -> line.startsWith("warm ") && line.contains("100.0%")));

        String name = row.split(" ")[0];
        Shell.Result watched = rig.hearth("load", "watch", name);
        assertTrue(watched.ok().contains("Complete"), watched.out());
        assertTrue(rig.hearth("load", "describe", name).ok().contains("Complete"), name);
        LoadStatus described =
                Json.read(rig.hearth("load", "describe", name, "-o", "json").ok(), LoadStatus.class);
        assertEquals(new LoadStatus.Files(3, 3, 3, 0), described.files());
        assertEquals(BIG_BYTES + 3, described.bytes().verified());
        assertEquals(100.0, described.progress());

        if (Files.exists(Path.of("/dev/fuse"))) {
            Daemon mount = rig.mount("warm");
            String mnt = rig.mountPoint("warm").toString();
            String read = rig.shell
                    .bash("sha256sum " + mnt + "/big.bin; cat " + mnt + "/größe/one.txt " + mnt + "/empty")
                    .ok();
            assertTrue(read.startsWith(ReadThroughIT.sha256(big)) && read.endsWith("one"), read);
            assertEquals(BIG_BYTES + 3, rig.workerCounter(ORIGIN_BYTES) - before, "the read asks the origin again");
            mount.stop();
        }
    }

    @Test
    void foldersAndGlobsLoadWhatTheyNameAlone() {
        rig.put("parts/weights/a.safetensors", new byte[5 << 20]);
        rig.put("parts/weights/deep/b.bin", new byte[3 << 20]);
        rig.put("parts/c.json", new byte[1 << 20]);
        rig.put("parts/d.txt", new byte[7 << 20]);
        dataset("parts", rig.store.endpoint());
        long before = rig.workerCounter(ORIGIN_BYTES);
        LoadStatus load = json("load", "create", "parts", "/weights", "/*.json", "--wait");
        assertEquals(LoadPhase.COMPLETE, load.phase());
        assertEquals(9 << 20, load.bytes().total());
        assertEquals(3, load.files().verified());
        assertEquals(9 << 20, rig.workerCounter(ORIGIN_BYTES) - before);
        LoadStatus again = json("load", "create", "parts", "/weights/*.safetensors", "--wait");
        assertEquals(5 << 20, again.sources().getOrDefault(LoadStatus.TIER, 0L), "resident already: " + again);
        assertEquals(9 << 20, rig.workerCounter(ORIGIN_BYTES) - before);
    }

    @Test
    void theSameRequestJoinsTheRunningLoadAndACancelEndsIt() {
        rig.put("joined/big.bin", big);
        rig.put("joined/small.txt", "small".getBytes());
        dataset("joined", origin.endpoint());
        origin.hold("big.bin");
        LoadStatus first = json("load", "create", "joined");
        assertEquals(first.name(), json("load", "create", "joined").name());
        assertNotEquals(
                first.name(), json("load", "create", "joined", "/small.txt").name());
        HearthRig.await("the load fills", () -> origin.held() > 0);
        assertTrue(row(rig.hearth("load", "list").ok(), first.name()).contains("Running"));

        String cancelled = rig.hearth("load", "cancel", first.name()).ok();
        assertTrue(row(cancelled, first.name()).contains("Cancelled"), cancelled);
        says(rig.hearth("load", "cancel", first.name()), 1, first.name());
        Shell.Result watched = rig.hearth("load", "watch", first.name());
        assertTrue(watched.refused(1).contains("was cancelled"), watched.err());
        assertTrue(watched.out().contains("Cancelled"), watched.out());
        origin.release();
        assertNotEquals(first.name(), json("load", "create", "joined").name(), "an ended load is not joined");
    }

    @Test
    void metadataOnlyListsAndFillsNothing() {
        rig.put("listed/one.bin", new byte[1 << 20]);
        dataset("listed", rig.store.endpoint());
        rig.put("listed/two.bin", new byte[2 << 20]);
        long before = rig.workerCounter(ORIGIN_BYTES);
        LoadStatus load = json("load", "create", "listed", "--metadata-only", "--wait");
        assertEquals(LoadPhase.COMPLETE, load.phase());
        assertTrue(rig.hearth("dataset", "describe", "listed").ok().contains("3MiB"), "the listing is not new");
        assertEquals(0, rig.workerCounter(ORIGIN_BYTES) - before);
    }

    @Test
    void aWatchOutlivesAMastersRestart() throws Exception {
        rig.put("restart/big.bin", big);
        dataset("restart", origin.endpoint());
        origin.hold("big.bin");
        Process waiting = start("load", "create", "restart", "--wait", "-o", "json");
        HearthRig.await("the load fills", () -> origin.held() > 0);
        rig.masterKilled();
        rig.startMaster();
        HearthRig.await(
                "the restarted master knows the load",
                () -> rig.hearth("load", "list").ok().contains("restart"));
        origin.release();
        assertTrue(waiting.waitFor(60, TimeUnit.SECONDS), "the watch does not end");
        String out = new String(waiting.getInputStream().readAllBytes());
        assertEquals(0, waiting.exitValue(), out);
        assertEquals(LoadPhase.COMPLETE, Json.read(out, LoadStatus.class).phase());
    }

    @Test
    void aWorkerThatIsKilledIsLoadedAgain() throws Exception {
        rig.put("killed/a.bin", big);
        rig.put("killed/z.bin", big);
        dataset("killed", origin.endpoint());
        origin.hold("z.bin");
        Process waiting = start("load", "create", "killed", "--wait", "-o", "json");
        HearthRig.await("one file is there and the other under way", () -> origin.held() > 0 && resident("killed"));
        worker.kill();
        worker = rig.startWorker();
        assertTrue(waiting.isAlive(), "the load ended without its bytes");
        origin.release();
        assertTrue(waiting.waitFor(90, TimeUnit.SECONDS), "the load does not end");
        LoadStatus load = Json.read(new String(waiting.getInputStream().readAllBytes()), LoadStatus.class);
        assertEquals(LoadPhase.COMPLETE, load.phase(), load.toString());
        assertEquals(2L * BIG_BYTES, load.bytes().verified());
        assertTrue(
                rig.workerCounter(ORIGIN_BYTES) < 2L * BIG_BYTES,
                "what was verified on the disk is not fetched again: " + rig.workerCounter(ORIGIN_BYTES));
    }

    /** Whether some load of the dataset has a whole file and more. */
    private static boolean resident(String dataset) {
        return Json.read(rig.hearth("load", "list", "-o", "json").ok(), LoadList.class).loads().stream()
                .anyMatch(load -> load.dataset().equals(dataset) && load.bytes().resident() >= BIG_BYTES);
    }

    @Test
    void endingTheWaitLeavesTheLoadRunning() throws Exception {
        rig.put("left/big.bin", big);
        dataset("left", origin.endpoint());
        origin.hold("big.bin");
        Process waiting = start("load", "create", "left", "--wait");
        HearthRig.await("the load fills", () -> origin.held() > 0);
        waiting.destroy();
        assertTrue(waiting.waitFor(20, TimeUnit.SECONDS), "it does not end");
        assertNotEquals(0, waiting.exitValue());
        String name = row(rig.hearth("load", "list").ok(), "left").split(" ")[0];
        origin.release();
        assertTrue(rig.hearth("load", "watch", name).ok().contains("Complete"), name);
    }

    @Test
    void whatDoesNotExistIsNamed() {
        rig.put("known/a.bin", "a".getBytes());
        dataset("known", rig.store.endpoint());
        says(rig.hearth("load", "create", "nowhere"), 1, "nowhere");
        says(rig.hearth("load", "create", "known", "/no/such/file"), 1, "/no/such/file");
        says(rig.hearth("load", "create", "known", "/*.safetensors"), 1, "/*.safetensors");
        says(rig.hearth("load", "create", "known", "-n", "elsewhere"), 1, "elsewhere/known");
        for (String command : List.of("describe", "watch", "cancel")) {
            says(rig.hearth("load", command, "no-such-load"), 1, "hearth load list");
        }
        assertTrue(
                rig.hearth("load", "list").ok().lines().noneMatch(line -> line.contains("known")),
                "a refused load was half-made");
    }

    @Test
    void wrongOptionsAreUsage() {
        says(rig.hearth("load"), 2, "sub-command");
        says(rig.hearth("load", "create"), 2, "DATASET");
        says(rig.hearth("load", "create", "x", "--replicas", "0"), 2, "replicas");
        says(rig.hearth("load", "create", "x", "--replicas", "two"), 2, "two");
        says(rig.hearth("load", "create", "x", "--retries=-1"), 2, "retries");
        says(rig.hearth("load", "create", "x", "--retries", "101"), 2, "retries");
        says(rig.hearth("load", "create", "x", "--ttl", "often"), 2, "often");
        says(rig.hearth("load", "create", "x", "--speed"), 2, "--speed");
        says(rig.hearth("load", "create", "X_"), 2, "X_");
        says(rig.hearth("load", "watch"), 2, "LOAD");
    }

    @Test
    void moreThanTheQuotaIsRefusedAtOnceWithBothFigures() throws Exception {
        rig.put("large/big.bin", big);
        try (HearthRig other = new HearthRig(Files.createDirectories(directory.resolve("small")), rig.store)) {
            other.startMaster();
            other.startWorker("--set", "worker.tiers=SSD:" + directory.resolve("small/tier") + ":16MiB");
            other.createDataset("large", "large");
            String line = other.hearth("load", "create", "large", "--wait").refused(1);
            assertTrue(line.contains("40MiB") && line.contains("16MiB"), line);
            assertEquals(0, other.workerCounter(ORIGIN_BYTES));
        }
    }

    @Test
    void anObjectThatVanishesDuringTheLoadIsNamed() throws Exception {
        rig.put("vanish/big.bin", big);
        rig.put("vanish/stays.txt", "stays".getBytes());
        dataset("vanish", origin.endpoint());
        origin.hold("big.bin");
        Process waiting = start("load", "create", "vanish", "--retries", "1", "--wait", "-o", "json");
        HearthRig.await("the load fills", () -> origin.held() > 0);
        rig.store.delete(HearthRig.BUCKET, "vanish/big.bin");
        origin.release();
        assertTrue(waiting.waitFor(60, TimeUnit.SECONDS), "the load does not end");
        LoadStatus load = Json.read(new String(waiting.getInputStream().readAllBytes()), LoadStatus.class);
        assertEquals(1, waiting.exitValue());
        assertEquals(LoadPhase.FAILED, load.phase());
        assertEquals(1, load.files().failed());
        assertTrue(load.failedPaths().get(0).path().endsWith("big.bin"), load.toString());
        assertTrue(load.progress() < 100, load.toString());
        String line = says(rig.hearth("load", "watch", load.name()), 1, "big.bin");
        assertTrue(line.contains(load.failedPaths().get(0).reason()), line);
        assertTrue(line.contains("hearth load describe " + load.name()), line);
    }

    private static void dataset(String name, URI endpoint) {
        rig.hearth(
                        "dataset",
                        "create",
                        name,
                        "--origin",
                        "s3://" + HearthRig.BUCKET + "/" + name,
                        "--endpoint",
                        endpoint.toString(),
                        "--credentials",
                        "env",
                        "--refresh",
                        "manual")
                .ok();
    }

    private static LoadStatus json(String... arguments) {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addAll(List.of("-o", "json"));
        return Json.read(rig.hearth(command.toArray(String[]::new)).ok(), LoadStatus.class);
    }

    private static Process start(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(HearthRig.ROOT.resolve("bin/hearth").toString()));
        command.addAll(List.of(arguments));
        try {
            return rig.shell
                    .builder(command.toArray(String[]::new))
                    .redirectError(directory
                            .resolve("scratch/waiting-" + arguments[2] + ".log")
                            .toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The table's row that has this word. */
    private static String row(String table, String word) {
        return table.lines()
                .filter(line -> List.of(line.split(" +")).contains(word))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row of " + word + " in\n" + table));
    }

    private static String says(Shell.Result result, int exit, String part) {
        String line = result.refused(exit);
        assertTrue(line.contains(part), "no '" + part + "' in: " + line);
        return line;
    }
}
