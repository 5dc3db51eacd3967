package io.hearth.prefetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.hearth.master.api.ApiOperation;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Placement;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadList;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.api.Residency;
import io.hearth.testing.Content;
import io.hearth.testing.Fault;
import io.hearth.testing.FaultPlan;
import io.hearth.testing.OpenApiContract;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads over the real master, workers and HTTP. */
class LoadsTest {
    private static final int MIB = 1 << 20;

    private static final long MODEL_BYTES = 700 + 20 * MIB + 123 + 9 * MIB;

    @TempDir
    static Path home;

    private static LoadRig rig;
    private static int models;

    private DatasetName model;
    private String key;
    private String worker;

    @BeforeAll
    static void start() {
        rig = new LoadRig(home, Map.of());
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @BeforeEach
    void putModel() {
        int number = models++;
        worker = "dir-" + number;
        String name = "model-" + number;
        key = name + "/";
        rig.faults(FaultPlan.none());
        rig.bucket.put(key + "config.json", Content.noise(1, 700));
        rig.bucket.put(key + "weights/a.bin", Content.noise(2, 20 * MIB + 123));
        rig.bucket.put(key + "weights/b.bin", Content.noise(3, 9 * MIB));
        rig.bucket.put(key + "weights/empty.bin", Content.noise(4, 0));
        model = rig.dataset(name);
        rig.countAnew();
    }

    @AfterEach
    void stopWorkers() {
        rig.stopWorkers();
    }

    @Test
    void aWholeDatasetBecomesResidentAndVerifiedAndIsFetchedOnce() {
        LoadRig.RunningWorker running = rig.startWorker(worker);
        LoadStatus load = rig.load(model, LoadSpec.whole());
        assertEquals(LoadPhase.COMPLETE, load.phase(), load.toString());
        assertEquals(new LoadStatus.Bytes(MODEL_BYTES, MODEL_BYTES, MODEL_BYTES, 0), load.bytes());
        assertEquals(new LoadStatus.Files(4, 4, 4, 0), load.files());
        assertEquals(Map.of("origin", MODEL_BYTES, "tier", 0L), load.sources());
        assertEquals(100.0, load.progress());
        assertEquals(1, load.attempts());
        assertEquals(Optional.empty(), load.message());
        assertEquals(MODEL_BYTES, rig.fetchedBytes());
        LoadRig.await("the dataset shows it", () -> rig.describe(model).cachedBytes() == MODEL_BYTES);

        LoadStatus again = rig.load(model, LoadSpec.whole());
        assertNotEquals(load.name(), again.name(), "an ended load is not joined");
        assertEquals(LoadPhase.COMPLETE, again.phase());
        assertEquals(Map.of("origin", 0L, "tier", MODEL_BYTES), again.sources());
        assertEquals(MODEL_BYTES, rig.fetchedBytes());
        LoadRig.await(
                "the shares end",
                () -> running.registry.get("hearth.worker.shares").gauge().value() == 0);
    }

    @Test
    void aFileAFolderAndAGlobLoadWhatTheyName() {
        rig.startWorker(worker);
        rig.bucket.put(key + "odd[1]*.txt", Content.noise(5, 10));
        rig.bucket.put(key + "odd1.txt", Content.noise(6, 20));
        rig.send("POST", LoadRig.path(model) + "/refresh", "");
        assertEquals(700, rig.load(model, LoadRig.spec("config.json")).bytes().verified());
        assertEquals(
                2, rig.load(model, LoadRig.spec("/weights/[ab].bin")).files().verified());
        assertEquals(3, rig.load(model, LoadRig.spec("weights/")).files().verified());
        assertEquals(
                4, rig.load(model, LoadRig.spec("**/*.json", "weights")).files().total());
        LoadStatus named = rig.load(model, LoadRig.spec("/odd[1]*.txt"));
        assertEquals(10, named.bytes().verified(), "a name that is there goes before a glob");
        assertEquals(1, rig.load(model, LoadRig.spec("/o*1.t?t")).files().total());
    }

    @Test
    void whatIsNotThereIsRefusedByName() {
        rig.startWorker(worker);
        assertRefused(404, LoadRig.spec("/config.json", "/no/such"), "/no/such", model.toString());
        assertRefused(404, LoadRig.spec("/*.gguf"), "'/*.gguf'", model.toString());
        assertRefused(400, LoadRig.spec("/[a"), "'[a'");
        assertTrue(rig.refused(404, "POST", "/v1/namespaces/default/datasets/nobody/loads", "{}")
                .contains("default/nobody"));
        assertTrue(rig.refused(400, "POST", LoadRig.path(model) + "/loads", "{\"ttl\":\"soon\"}")
                .contains("'soon'"));
        assertTrue(rig.refused(400, "POST", LoadRig.path(model) + "/loads", "{\"targets\":[{\"path\":\"\"}]}")
                .contains("write / for the whole dataset"));
        assertTrue(rig.refused(
                        400,
                        "POST",
                        LoadRig.path(model) + "/loads",
                        "{\"targets\":[{\"path\":\"/\",\"replicas\":1.5}]}")
                .contains("replicas"));
        assertTrue(rig.refused(400, "POST", LoadRig.path(model) + "/loads", "{\"retries\":-1}")
                .contains("retries"));
        assertTrue(
                rig.refused(404, "GET", LoadRig.path(model) + "/loads/none", "").contains("none"));
        assertTrue(rig.refused(404, "GET", LoadRig.path(model) + "/loads/none/watch", "")
                .contains("none"));
        assertEquals(
                0,
                rig.get(LoadRig.path(model) + "/loads", LoadList.class).loads().size());
    }

    private void assertRefused(int status, LoadSpec spec, String... words) {
        String message = rig.refused(status, "POST", LoadRig.path(model) + "/loads", new String(Json.write(spec)));
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }

    @Test
    void moreThanTheQuotaIsRefusedAtOnceWithBothFigures() {
        LoadRig.RunningWorker small = rig.startWorker(worker, "SSD:" + rig.tier(worker) + ":24MiB", Map.of());
        assertRefused(507, LoadSpec.whole(), "29", "24MiB", small.worker.id());
        rig.bucket.put(key + "huge.bin", Content.noise(9, 25 * MIB));
        rig.send("POST", LoadRig.path(model) + "/refresh", "");
        assertRefused(507, LoadRig.spec("huge.bin"), "/huge.bin", "25MiB", "24MiB");
        assertEquals(0, rig.fetchedBytes());
        assertEquals(
                LoadPhase.COMPLETE,
                rig.load(model, LoadRig.spec("weights/a.bin")).phase());
    }

    @Test
    void withoutWorkersOrWithTooFewForItsReplicasALoadIsRefused() {
        assertRefused(503, LoadSpec.whole(), "hearth worker");
        rig.startWorker(worker);
        LoadSpec twice = new LoadSpec(
                List.of(new LoadSpec.Target("/", Optional.of(2))),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        assertRefused(409, twice, "replicas 2", "is 1");
    }

    @Test
    void blocksGoWhereReadersLookForThem() {
        List<String> ids = List.of(
                rig.startWorker(worker).worker.id(),
                rig.startWorker(worker + "-2").worker.id());
        LoadStatus load = rig.load(model, LoadSpec.whole());
        assertEquals(LoadPhase.COMPLETE, load.phase(), load.toString());
        assertEquals(MODEL_BYTES, rig.fetchedBytes());
        ObjectRef object = rig.objects(model).get("/weights/a.bin");
        long[] expected = expectedBytes(object.id(), object.sizeBytes(), ids);
        LoadSpec only = LoadRig.spec("/weights/a.bin");
        LoadStatus part = rig.load(model, only);
        Map<String, Long> holders = new TreeMap<>(Map.of(ids.get(0), expected[0], ids.get(1), expected[1]));
        holders.values().removeIf(bytes -> bytes == 0); // Three blocks are on one worker one time in four.
        assertEquals(
                holders,
                part.workers().stream()
                        .collect(
                                Collectors.toMap(LoadStatus.WorkerPart::worker, LoadStatus.WorkerPart::verifiedBytes)));
        assertEquals(MODEL_BYTES, rig.fetchedBytes());
    }

    private static long[] expectedBytes(ObjectId object, long sizeBytes, List<String> ids) {
        long[] bytes = new long[2];
        for (int block = 0; block < 3; block++) {
            String owner =
                    Placement.order(object, block, ids, Placement::identity).get(0);
            bytes[ids.indexOf(owner)] += Math.min(8L * MIB, sizeBytes - block * 8L * MIB);
        }
        return bytes;
    }

    @Test
    void replicasAreOnAsManyWorkers() {
        rig.startWorker(worker);
        rig.startWorker(worker + "-2");
        LoadSpec twice = new LoadSpec(
                List.of(
                        new LoadSpec.Target("/weights", Optional.of(2)),
                        new LoadSpec.Target("/config.json", Optional.empty())),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        LoadStatus load = rig.load(model, twice);
        assertEquals(LoadPhase.COMPLETE, load.phase(), load.toString());
        assertEquals(2 * (MODEL_BYTES - 700) + 700, load.bytes().verified());
        LoadRig.await(
                "both report",
                () -> rig.get(LoadRig.path(model) + "/residency", Residency.class).places().stream()
                                .mapToLong(Residency.Place::bytes)
                                .sum()
                        == load.bytes().verified());
    }

    @Test
    void theSameRequestJoinsTheLoadThatIsUnderWay() {
        rig.startSlowWorker(worker);
        rig.slowGets(Duration.ofMillis(150));
        LoadStatus first = rig.create(model, LoadRig.spec("weights", "config.json"));
        LoadStatus same = rig.create(model, LoadRig.spec("/config.json", "/weights/"));
        LoadStatus other = rig.create(model, LoadRig.spec("/weights"));
        assertEquals(first.name(), same.name());
        assertNotEquals(first.name(), other.name());
        assertEquals(LoadPhase.COMPLETE, rig.awaitEnd(first).phase());
        assertEquals(LoadPhase.COMPLETE, rig.awaitEnd(other).phase());
        assertEquals(MODEL_BYTES, rig.fetchedBytes(), "two loads at once fetch each byte once");
        List<String> names = rig.get("/v1/namespaces/default/loads", LoadList.class).loads().stream()
                .filter(load -> load.dataset().equals(model.name()))
                .map(LoadStatus::name)
                .toList();
        assertEquals(List.of(first.name(), other.name()), names, "the newest last");
    }

    @Test
    void anObjectThatVanishesFailsTheLoadByNameAndTheOthersAreThere() {
        rig.startWorker(worker);
        rig.bucket.delete(key + "weights/b.bin");
        rig.bucket.put(key + "config.json", Content.noise(77, 700));
        LoadStatus load = rig.load(model, LoadSpec.whole());
        assertEquals(LoadPhase.FAILED, load.phase(), load.toString());
        assertEquals(new LoadStatus.Files(4, 2, 2, 2), load.files());
        assertEquals(
                List.of("/config.json", "/weights/b.bin"),
                load.failedPaths().stream().map(LoadStatus.FailedPath::path).toList());
        assertEquals(1, load.attempts(), "what is gone for good is not tried again");
        assertTrue(
                load.message().orElse("").startsWith("2 of 4 files"),
                load.message().toString());
        assertTrue(load.progress() < 100, load.toString());
        assertEquals(20 * MIB + 123, load.bytes().verified());
    }

    @Test
    void refusalsOfTheOriginAreTriedAgainAndThenNamed() {
        rig.startWorker(worker);
        rig.faults(FaultPlan.seeded(
                5, 0.4, List.of(new Fault.Refuse(FailureKind.OVERLOADED), new Fault.CutAfter(3 * MIB))));
        LoadSpec patient = new LoadSpec(List.of(), Optional.empty(), Optional.of(50), Optional.empty());
        LoadStatus load = rig.load(model, patient);
        assertEquals(LoadPhase.COMPLETE, load.phase(), load.toString());

        rig.send("POST", LoadRig.path(model) + "/evictions", "{}");
        rig.faults((operation, key) ->
                key.endsWith("b.bin") ? new Fault.Refuse(FailureKind.UNAVAILABLE) : new Fault.None());
        LoadSpec twice = new LoadSpec(List.of(), Optional.empty(), Optional.of(1), Optional.empty());
        LoadStatus failed = rig.load(model, twice);
        assertEquals(LoadPhase.FAILED, failed.phase(), failed.toString());
        assertEquals(2, failed.attempts());
        assertEquals("/weights/b.bin", failed.failedPaths().get(0).path());
        assertEquals(1, failed.failedPaths().size());
        assertEquals(3, failed.files().verified());
    }

    @Test
    void aWorkerThatRestartsMeanwhileVerifiesItsBytesAgainBeforeTheLoadIsComplete() {
        Map<String, String> slow = Map.of("worker.fill-slots", "1");
        String tiers = "SSD:" + rig.tier(worker) + ":256MiB";
        rig.startWorker(worker, tiers, slow);
        rig.slowGets(Duration.ofMillis(200));
        LoadStatus load = rig.create(model, LoadSpec.whole());
        rig.await(load, now -> now.bytes().resident() > 8 * MIB);
        rig.stopWorker(worker);
        LoadRig.RunningWorker second = rig.startWorker(worker, tiers, Map.of());
        LoadStatus last = rig.awaitEnd(load);
        assertEquals(LoadPhase.COMPLETE, last.phase(), last.toString());
        assertEquals(1, last.attempts(), "a restart is no failed attempt");
        assertTrue(second.counter("hearth.worker.chunks.verified") >= 8, "chunks of the earlier life are read again");
        assertTrue(rig.fetchedBytes() < MODEL_BYTES + 9 * MIB, "fetched again: " + (rig.fetchedBytes() - MODEL_BYTES));
        assertEquals(MODEL_BYTES, last.bytes().verified());
    }

    @Test
    void aWorkerThatDoesNotComeBackIsReplacedByTheOthers() {
        int files = 24; // On one worker alone they are once in eight million.
        for (int i = 0; i < files; i++) {
            rig.bucket.put("spread/" + i, Content.noise(i, 1000));
        }
        DatasetName spread = rig.dataset("spread");
        String id = rig.startSlowWorker(worker).worker.id();
        rig.startSlowWorker(worker + "-2");
        rig.slowGets(Duration.ofMillis(200));
        LoadStatus load = rig.create(spread, LoadSpec.whole());
        rig.await(load, now -> now.bytes().resident() > 0);
        rig.stopWorker(worker + "-2");
        LoadStatus last = rig.awaitEnd(load);
        assertEquals(LoadPhase.COMPLETE, last.phase(), last.toString());
        assertEquals(2, last.attempts());
        assertEquals(
                List.of(id),
                last.workers().stream().map(LoadStatus.WorkerPart::worker).toList());
        assertEquals(files * 1000L, last.bytes().verified());
    }

    @Test
    void withTheOnlyWorkerGoneALoadFailsWithinItsBound() {
        String id = rig.startSlowWorker(worker).worker.id();
        rig.slowGets(Duration.ofMillis(200));
        LoadSpec once = new LoadSpec(List.of(), Optional.empty(), Optional.of(0), Optional.empty());
        LoadStatus load = rig.create(model, once);
        rig.await(load, now -> now.bytes().resident() > 0);
        rig.stopWorker(worker);
        LoadStatus last = rig.awaitEnd(load);
        assertEquals(LoadPhase.FAILED, last.phase());
        assertTrue(
                last.message().orElse("").contains("worker " + id + " is gone"),
                last.message().toString());
        assertEquals(3, last.failedPaths().size());
    }

    @Test
    void bytesThatChangeOnTheDiskAreFoundAndFetchedAgain() throws Exception {
        LoadRig.RunningWorker running = rig.startWorker(worker);
        assertEquals(LoadPhase.COMPLETE, rig.load(model, LoadSpec.whole()).phase());
        Path data = data(worker, rig.objects(model).get("/weights/a.bin"));
        flip(data, 5L * MIB + 17);
        LoadStatus again = rig.load(model, LoadSpec.whole());
        assertEquals(LoadPhase.COMPLETE, again.phase(), again.toString());
        assertEquals(2, again.attempts(), "the read-back found it");
        assertEquals(1, running.counter("hearth.worker.chunks.corrupt"));
        byte[] expected = Content.noise(2, 20 * MIB + 123).bytes(0, 20 * MIB + 123);
        assertTrue(Arrays.equals(expected, Files.readAllBytes(data)), "the disk has the right bytes again");
    }

    private Path data(String worker, ObjectRef object) {
        String hex = object.id().toString();
        return rig.tier(worker).resolve("objects").resolve(hex.substring(0, 2)).resolve(hex + ".data");
    }

    private static void flip(Path file, long at) throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, at);
            one.put(0, (byte) (one.get(0) ^ 4));
            channel.write(one.rewind(), at);
        }
    }

    @Test
    void whatIsEvictedMeanwhileIsLoadedAgain() {
        rig.startSlowWorker(worker);
        rig.slowGets(Duration.ofMillis(150));
        LoadStatus load = rig.create(model, LoadSpec.whole());
        rig.await(load, now -> now.bytes().resident() > 8 * MIB);
        rig.send("POST", LoadRig.path(model) + "/evictions", "{}");
        LoadStatus last = rig.awaitEnd(load);
        assertEquals(LoadPhase.COMPLETE, last.phase(), last.toString());
        assertTrue(last.attempts() > 1, "what was evicted was missed");
        LoadRig.await("the worker reports", () -> rig.describe(model).cachedBytes() == MODEL_BYTES);
    }

    @Test
    void emptyFilesNeedNoWorker() {
        LoadStatus load = rig.load(model, LoadRig.spec("/weights/empty.bin"));
        assertEquals(LoadPhase.COMPLETE, load.phase(), load.toString());
        assertEquals(new LoadStatus.Files(1, 1, 1, 0), load.files());
        assertEquals(100.0, load.progress());
    }

    @Test
    void aLoadLargerThanTheFirstTierTakesTheSecondToo() {
        rig.startWorker(
                worker, "MEM:" + home.resolve(worker + "-mem") + ":21MiB,SSD:" + rig.tier(worker) + ":64MiB", Map.of());
        LoadStatus load = rig.load(model, LoadSpec.whole());
        assertEquals(LoadPhase.COMPLETE, load.phase(), load.toString());
        assertEquals(MODEL_BYTES, rig.fetchedBytes());
    }

    @Test
    void aWorkerThatTakesNoMoreItemsIsQuoted() {
        rig.startWorker(worker, "SSD:" + rig.tier(worker) + ":64MiB", Map.of("worker.share-items", "2"));
        LoadSpec once = new LoadSpec(List.of(), Optional.empty(), Optional.of(0), Optional.empty());
        LoadStatus load = rig.load(model, once);
        assertEquals(LoadPhase.FAILED, load.phase());
        assertTrue(
                load.message().orElse("").contains("worker.share-items"),
                load.message().toString());
        assertEquals(0, rig.fetchedBytes());
    }

    @Test
    void aRestartedMasterGoesOnWithTheLoad() {
        rig.startSlowWorker(worker);
        rig.slowGets(Duration.ofMillis(400));
        LoadStatus load = rig.create(model, LoadSpec.whole());
        rig.await(load, now -> now.bytes().resident() > 0);
        rig.stopMaster();
        rig.startMaster();
        assertEquals(load.name(), rig.create(model, LoadSpec.whole()).name(), "it can be joined");
        LoadStatus last = rig.awaitEnd(load);
        assertEquals(LoadPhase.COMPLETE, last.phase(), last.toString());
        assertEquals(1, last.attempts());
        assertEquals(load.createdAt(), last.createdAt());
        assertEquals(MODEL_BYTES, rig.fetchedBytes());
        rig.stopMaster();
        rig.startMaster();
        assertEquals(last, rig.describe(load), "an ended load is kept");
    }

    @Test
    void aLoadCanBeCancelledOnce() {
        LoadRig.RunningWorker running = rig.startSlowWorker(worker);
        rig.slowGets(Duration.ofMillis(300));
        LoadStatus load = rig.create(model, LoadSpec.whole());
        rig.await(load, now -> now.phase() == LoadPhase.RUNNING);
        LoadStatus cancelled =
                Json.read(rig.send("DELETE", LoadRig.path(load), "").body(), LoadStatus.class);
        assertEquals(LoadPhase.CANCELLED, cancelled.phase());
        assertEquals(cancelled, rig.describe(load));
        String refused = rig.refused(409, "DELETE", LoadRig.path(load), "");
        assertTrue(refused.contains(load.name()) && refused.contains("Cancelled"), refused);
        LoadRig.await(
                "the share ends",
                () -> running.registry.get("hearth.worker.shares").gauge().value() == 0);
        LoadStatus done = rig.load(model, LoadRig.spec("/config.json"));
        assertTrue(rig.refused(409, "DELETE", LoadRig.path(done), "").contains("Complete"));
    }

    @Test
    void aLoadOfADatasetThatIsDeletedFailsAndSaysSo() {
        rig.startSlowWorker(worker);
        rig.slowGets(Duration.ofMillis(300));
        LoadStatus load = rig.create(model, LoadSpec.whole());
        rig.await(load, now -> now.phase() == LoadPhase.RUNNING);
        assertEquals(204, rig.send("DELETE", LoadRig.path(model), "").statusCode());
        LoadStatus last = rig.awaitEnd(load);
        assertEquals(LoadPhase.FAILED, last.phase());
        assertTrue(last.message().orElse("").contains("deleted"), last.message().toString());
    }

    @Test
    void metadataOnlyListsAnewAndFillsNothing() {
        rig.bucket.put(key + "new.bin", Content.noise(8, MIB));
        assertRefused(404, LoadRig.spec("/new.bin"), "/new.bin");
        LoadSpec metadata = new LoadSpec(List.of(), Optional.of(true), Optional.empty(), Optional.empty());
        LoadStatus load = rig.load(model, metadata);
        assertEquals(LoadPhase.COMPLETE, load.phase(), load.toString());
        assertEquals(5, load.files().total());
        assertEquals(new LoadStatus.Bytes(0, 0, 0, 0), load.bytes());
        assertEquals(0, rig.fetchedBytes());
        assertEquals(5, rig.describe(model).files());
    }

    @Test
    void anOverwrittenGenerationStaysWhileItsLoadRuns() {
        rig.startSlowWorker(worker);
        rig.slowGets(Duration.ofMillis(200));
        LoadStatus load = rig.create(model, LoadSpec.whole());
        String generation = load.generation().orElseThrow();
        rig.bucket.put(key + "later.bin", Content.noise(8, MIB));
        rig.send("POST", LoadRig.path(model) + "/refresh", "");
        assertNotEquals(Optional.of(generation), rig.describe(model).generation());
        LoadStatus other = rig.create(model, LoadSpec.whole());
        assertNotEquals(load.name(), other.name(), "the same words mean other files now");
        assertEquals(LoadPhase.COMPLETE, rig.awaitEnd(load).phase());
        assertEquals(5, rig.awaitEnd(other).files().verified());
        LoadRig.await(
                "the old generation is collected",
                () -> rig.send("GET", LoadRig.path(model) + "/generations/" + generation, "")
                                .statusCode()
                        == 404);
    }

    @Test
    void aWatchSeesTheStatesAndTheEnd() throws Exception {
        rig.startSlowWorker(worker);
        rig.slowGets(Duration.ofMillis(100));
        LoadStatus load = rig.create(model, LoadSpec.whole());
        HttpRequest request = HttpRequest.newBuilder(rig.uri(LoadRig.path(load) + "/watch"))
                .timeout(Duration.ofSeconds(30))
                .build();
        HttpResponse<java.util.stream.Stream<String>> answer =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofLines());
        assertEquals(
                "text/event-stream", answer.headers().firstValue("content-type").orElse(""));
        List<LoadStatus> states = new ArrayList<>();
        answer.body()
                .filter(line -> line.startsWith("data: "))
                .forEach(line -> states.add(Json.read(line.substring(6), LoadStatus.class)));
        assertTrue(states.size() > 3, "only " + states.size());
        assertEquals(LoadPhase.COMPLETE, states.get(states.size() - 1).phase());
        assertEquals(1, states.stream().filter(state -> state.phase().ended()).count());
        assertTrue(
                states.stream().anyMatch(state -> state.progress() > 0 && state.progress() < 100),
                "a state between start and end");
        List<LoadPhase> phases =
                states.stream().map(LoadStatus::phase).distinct().toList();
        assertEquals(phases, List.copyOf(new TreeSet<>(phases)), "phases go forward");
        String ended =
                new String(rig.send("GET", LoadRig.path(load) + "/watch", "").body());
        assertEquals(1, ended.split("event: status", -1).length - 1, ended);
    }

    @Test
    void aWatchOfALoadThatIsNotThereTakesNoPlace(@TempDir Path other) {
        try (LoadRig few = new LoadRig(other, Map.of("loads.watches-max", "1"))) {
            few.bucket.put("m/a.bin", Content.noise(2, 10));
            DatasetName m = few.dataset("m");
            String path = LoadRig.path(m) + "/loads/none/watch";
            for (int i = 0; i < 3; i++) {
                few.refused(404, "GET", path, "");
            }
        }
    }

    @Test
    void aLoadThatWaitsForItsTurnCanBeCancelled(@TempDir Path other) {
        try (LoadRig one = new LoadRig(other, Map.of("loads.running-max", "1"))) {
            one.bucket.put("m/a.bin", Content.noise(2, 17 * MIB));
            DatasetName m = one.dataset("m");
            one.startSlowWorker("w1");
            one.slowGets(Duration.ofMillis(500));
            LoadStatus first = one.create(m, LoadRig.spec("a.bin"));
            LoadStatus second = one.create(m, LoadRig.spec("/"));
            LoadStatus cancelled =
                    Json.read(one.send("DELETE", LoadRig.path(second), "").body(), LoadStatus.class);
            assertEquals(LoadPhase.CANCELLED, cancelled.phase());
            assertFalse(one.describe(first).phase().ended(), "the first was waited for");
            assertEquals(LoadPhase.COMPLETE, one.awaitEnd(first).phase());
            assertEquals(LoadPhase.CANCELLED, one.describe(second).phase());
        }
    }

    @Test
    void loadsThatWereCancelledWhileTheyWaitedLeaveTheirPlaces(@TempDir Path other) {
        try (LoadRig one = new LoadRig(other, Map.of("loads.running-max", "1", "loads.kept-max", "2"))) {
            one.bucket.put("m/a.bin", Content.noise(2, 17 * MIB));
            DatasetName m = one.dataset("m");
            one.startSlowWorker("w1");
            one.slowGets(Duration.ofMillis(500));
            LoadStatus first = one.create(m, LoadRig.spec("a.bin"));
            for (int i = 0; i < 5; i++) {
                LoadStatus waits = one.create(m, LoadRig.spec("/"));
                one.send("DELETE", LoadRig.path(waits), "");
                assertEquals(LoadPhase.CANCELLED, one.describe(waits).phase());
            }
            assertEquals(LoadPhase.COMPLETE, one.awaitEnd(first).phase());
        }
    }

    @Test
    void endedLoadsMakeRoomAndLoadsAtWorkDoNot(@TempDir Path other) {
        try (LoadRig small = new LoadRig(other, Map.of("loads.kept-max", "2"))) {
            small.bucket.put("m/a.bin", Content.noise(2, 17 * MIB));
            small.bucket.put("m/b.bin", Content.noise(3, 10));
            DatasetName m = small.dataset("m");
            small.startSlowWorker("w1");
            LoadStatus first = small.load(m, LoadRig.spec("b.bin"));
            small.slowGets(Duration.ofMillis(400));
            LoadStatus second = small.create(m, LoadRig.spec("a.bin"));
            LoadStatus third = small.create(m, LoadRig.spec("/"));
            List<String> names = small.get("/v1/namespaces/default/loads", LoadList.class).loads().stream()
                    .map(LoadStatus::name)
                    .toList();
            assertEquals(List.of(second.name(), third.name()), names, "not " + first.name());
            String refused = small.refused(
                    429, "POST", LoadRig.path(m) + "/loads", new String(Json.write(LoadRig.spec("b.bin"))));
            assertTrue(refused.contains("loads.kept-max"), refused);
            small.awaitEnd(third);
        }
    }

    @Test
    void theOpenApiDocumentIsTheServers() {
        TreeSet<String> served = new TreeSet<>();
        rig.server()
                .serviceConfigs()
                .forEach(config -> config.route().methods().forEach(method -> {
                    if (config.route().patternString().startsWith("/v1/")) {
                        served.add(method + " " + config.route().patternString().replaceAll(":([a-z]+)", "{$1}"));
                    }
                }));
        Map<String, String> operations = LoadOperation.all().stream()
                .collect(Collectors.toMap(operation -> operation.method() + " " + operation.path(), ApiOperation::id));
        OpenApiContract.check(rig.get("/v1/openapi.json", JsonNode.class), served, operations, 26);
    }
}
