package io.hearth.master;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.hearth.cluster.Codec;
import io.hearth.master.api.ApiOperation;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.BlockOrder.Run;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.api.CheckReport;
import io.hearth.protocol.api.DatasetList;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.Renewal;
import io.hearth.protocol.api.Residency;
import io.hearth.protocol.api.Session;
import io.hearth.protocol.api.SessionRequest;
import io.hearth.protocol.api.Ticket;
import io.hearth.protocol.api.WorkerLease;
import io.hearth.protocol.api.WorkerList;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.api.WorkerRegistration.TierUse;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;
import io.hearth.protocol.wire.ResidencyReport;
import io.hearth.protocol.wire.ResidencyReport.HeldObject;
import io.hearth.testing.MemoryObjectStore;
import io.hearth.testing.OpenApiContract;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.roaringbitmap.RoaringBitmap;

class MasterApiTest {
    private static final String DATASETS = "/v1/namespaces/default/datasets";
    private static final byte[] NOTHING = {};

    @TempDir
    private static Path home;

    private static final MemoryObjectStore BUCKET = new MemoryObjectStore();

    private static TestMaster master;

    @BeforeAll
    static void start() {
        master = new TestMaster(home, BUCKET.factory(), Map.of("master.reading-orders-max", "3"));
    }

    @AfterAll
    static void stop() {
        master.close();
    }

    @Test
    void aDatasetIsCreatedListedDescribedUpdatedAndDeleted() {
        BUCKET.put("life/a.bin", new byte[100]);
        BUCKET.put("life/dir/b.bin", new byte[23]);
        BUCKET.put("lifeless/no.bin", new byte[7]);
        BUCKET.put("life/../x", new byte[1]);
        DatasetStatus bound = master.createBound("life", "s3://bucket/life");
        assertEquals(2, bound.files());
        assertEquals(123, bound.ufsTotalBytes());
        assertEquals(0, bound.cachedBytes());
        assertEquals(1, bound.skippedKeys());
        assertEquals("life/../x", bound.skippedExamples().get(0).key());
        assertTrue(bound.listedAt().isPresent());
        assertEquals(Optional.empty(), bound.message());
        DatasetList list = master.get(DATASETS, DatasetList.class);
        assertTrue(list.datasets().stream().anyMatch(dataset -> dataset.name().equals("life")));
        assertEquals(
                List.of(),
                master.get("/v1/namespaces/other/datasets", DatasetList.class).datasets());
        String before = bound.generation().orElseThrow();

        String update = "{\"mounts\":[{\"mountPoint\":\"s3://bucket/lifeless\"}],\"refresh\":\"manual\"}";
        master.ok(master.send("PUT", DATASETS + "/life", update.getBytes()), DatasetStatus.class);
        DatasetStatus updated = master.await(
                "life", status -> !status.generation().orElseThrow().equals(before));
        assertEquals(7, updated.ufsTotalBytes());
        assertEquals(Optional.of("manual"), updated.spec().refresh());

        assertEquals(204, master.send("DELETE", DATASETS + "/life", NOTHING).statusCode());
        assertEquals(
                "not-found", master.error(404, "GET", DATASETS + "/life", "").code());
        TestMaster.await(() -> stored("generations", before), left -> left == 0);
    }

    private static long stored(String map, String generation) {
        List<String> keys = master.store.map(map, Codec.bytes()).keys("", Optional.empty(), 10_000);
        return keys.stream().filter(key -> key.endsWith(generation)).count();
    }

    @Test
    void aNameThatIsTakenIsAConflict() {
        BUCKET.put("taken/a", new byte[1]);
        master.createBound("taken", "s3://bucket/taken");
        assertEquals(
                "the dataset default/taken exists already: choose another name, update it, or delete it first",
                master.error(409, "POST", DATASETS, TestMaster.spec("taken", "s3://bucket/taken"))
                        .message());
    }

    @Test
    void aGenerationAndItsSegmentsCanBeRead() {
        for (int i = 0; i < 3000; i++) {
            BUCKET.put("many/" + i, new byte[i % 7]);
        }
        DatasetStatus bound = master.createBound("many", "s3://bucket/many");
        assertEquals(3000, bound.files());
        Generation generation = generation(bound);
        assertEquals(bound.generation().orElseThrow(), generation.id());
        assertTrue(generation.segments().size() > 1, "3,000 keys give several segments");
        List<String> paths = new ArrayList<>();
        for (Entry entry : entries("many", generation)) {
            paths.add(entry.path());
        }
        assertEquals(3000, paths.stream().distinct().count());
        master.error(404, "GET", DATASETS + "/many/segments/" + "0".repeat(64), "");
        master.error(400, "GET", DATASETS + "/many/segments/x", "");
        master.error(404, "GET", DATASETS + "/many/generations/" + "0".repeat(64), "");
    }

    @Test
    void anOrderOfReadingIsKeptAsLongAsTheDatasetHasTheObject() {
        BUCKET.put("ordered/model", new byte[40 << 20]);
        DatasetStatus bound = master.createBound("ordered", "s3://bucket/ordered");
        ObjectId model = objectId(generation(bound), "ordered", "model");
        String path = DATASETS + "/ordered/orders/" + model;
        master.error(404, "GET", path, "");
        for (BlockOrder order : List.of(
                new BlockOrder(List.of(new Run(3, 2), new Run(0, 1))), new BlockOrder(List.of(new Run(0, 5))))) {
            assertEquals(204, master.send("PUT", path, order.encode()).statusCode());
            assertArrayEquals(order.encode(), master.send("GET", path, NOTHING).body());
        }
        byte[] beyond = new BlockOrder(List.of(new Run(5, 1))).encode();
        assertEquals(400, master.send("PUT", path, beyond).statusCode());
        master.error(400, "PUT", path, "no order");
        byte[] good = new BlockOrder(List.of(new Run(0, 1))).encode();
        String other = DATASETS + "/ordered/orders/" + "0".repeat(64);
        assertEquals(404, master.send("PUT", other, good).statusCode());
        BUCKET.put("ordered/model", new byte[41 << 20]);
        master.send("POST", DATASETS + "/ordered/refresh", NOTHING);
        TestMaster.await(() -> status(path) == 404, gone -> gone);
    }

    @Test
    void ofMoreOrdersThanTheBoundOneGoes() throws Exception {
        byte[] order = new BlockOrder(List.of(new Run(0, 1))).encode();
        for (int i = 0; i < 4; i++) {
            BUCKET.put("crowded/" + i, new byte[1 + i]);
        }
        DatasetStatus bound = master.createBound("crowded", "s3://bucket/crowded");
        List<String> paths = entries("crowded", generation(bound)).stream()
                .map(entry -> DATASETS + "/crowded/orders/"
                        + generation(bound).object(entry).id())
                .toList();
        for (String path : paths) {
            assertEquals(204, master.send("PUT", path, order).statusCode());
            assertEquals(200, status(path), "the newest is there");
        }
        assertEquals(3, paths.stream().filter(path -> status(path) == 200).count());
    }

    @Test
    void refreshTellsWaitingSessionsOfTheNewGeneration() throws Exception {
        BUCKET.put("watched/a", new byte[10]);
        master.createBound("watched", "s3://bucket/watched");
        Session session = openSession("watched", "manual");
        String path = DATASETS + "/watched/sessions/" + session.id() + "/renew";
        Session same = master.post(path, new Renewal(session.generation(), 0), Session.class);
        assertEquals(session.generation(), same.generation());

        CompletableFuture<HttpResponse<byte[]>> waiting =
                master.sendLater("POST", path, Json.write(new Renewal(session.generation(), 20_000)));
        BUCKET.put("watched/b", new byte[20]);
        assertFalse(waiting.isDone());
        DatasetStatus refreshed =
                master.ok(master.send("POST", DATASETS + "/watched/refresh", NOTHING), DatasetStatus.class);
        assertEquals(30, refreshed.ufsTotalBytes());
        Session told = master.ok(waiting.get(15, TimeUnit.SECONDS), Session.class);
        assertEquals(refreshed.generation().orElseThrow(), told.generation());
        assertNotEquals(session.generation(), told.generation());
        // The mount said that it has the old one: it must still be there.
        assertEquals(200, status(DATASETS + "/watched/generations/" + session.generation()));

        master.post(path, new Renewal(told.generation(), 0), Session.class);
        TestMaster.await(() -> collected("watched", session.generation()), gone -> gone);
        assertEquals(
                204,
                master.send("DELETE", DATASETS + "/watched/sessions/" + session.id(), NOTHING)
                        .statusCode());
        master.error(404, "POST", path, new String(Json.write(new Renewal(told.generation(), 0))));
    }

    private boolean collected(String dataset, String generation) {
        // A refresh collects what nobody holds.
        BUCKET.put(dataset + "/more" + System.nanoTime(), new byte[1]);
        master.send("POST", DATASETS + "/" + dataset + "/refresh", NOTHING);
        return status(DATASETS + "/" + dataset + "/generations/" + generation) == 404;
    }

    @Test
    void aSessionInUseIsRefreshedAtItsOwnInterval() {
        BUCKET.put("fresh/a", new byte[10]);
        DatasetStatus bound = master.createBound("fresh", "s3://bucket/fresh");
        BUCKET.put("fresh/b", new byte[5]);
        Session session = openSession("fresh", "200ms");
        assertEquals(bound.generation().orElseThrow(), session.generation());
        master.await("fresh", status -> status.ufsTotalBytes() == 15);
    }

    @Test
    void mountsStandAtTheirPathsInOneTree() {
        BUCKET.put("left/x", new byte[1]);
        BUCKET.put("right/y", new byte[2]);
        String body = "{\"name\":\"tree\",\"spec\":{\"mounts\":[{\"mountPoint\":\"s3://b/left\",\"name\":\"l\"},"
                + "{\"mountPoint\":\"s3://b/right\",\"name\":\"r\",\"path\":\"/deep/r\"}]}}";
        master.ok(master.send("POST", DATASETS, body.getBytes()), DatasetStatus.class);
        DatasetStatus bound = master.await("tree", status -> status.phase().equals("Bound"));
        List<String> paths =
                entries("tree", generation(bound)).stream().map(Entry::path).toList();
        assertEquals(List.of("deep/r/y", "l/x"), paths);
    }

    @Test
    void whatMakesNoSenseIsRefusedInOneLine() {
        assertEquals(
                "writable volumes do not exist yet: remove readOnly: false",
                invalid("{\"mountPoint\":\"s3://b/left\",\"readOnly\":false}"));
        assertEquals(
                "the mount option 'endpont' is unknown; known are credentials, endpoint, pathStyle, region",
                invalid("{\"mountPoint\":\"s3://b/left\",\"options\":{\"endpont\":\"http://x\"}}"));
        assertEquals(
                "two mounts are named 'bad': give each its own mounts[].name",
                invalid("{\"mountPoint\":\"s3://b/left\"},{\"mountPoint\":\"s3://b/right\"}"));
        assertEquals(
                "two mounts stand at '/same': give each its own mounts[].path",
                invalid("{\"mountPoint\":\"s3://b/l\",\"path\":\"/same\"},"
                        + "{\"mountPoint\":\"s3://b/r\",\"name\":\"r\",\"path\":\"/same/\"}"));
        assertTrue(invalid("{\"mountPoint\":\"s3://b/l\",\"path\":\"/a/../b\"}").contains("'..'"));
        assertTrue(invalid("{\"mountPoint\":\"gs://b/l\"}").contains("s3://bucket"));
        assertTrue(invalid("{\"mountPoint\":\"s3://b/l\",\"options\":{\"endpoint\":\"http://me:pw@h\"}}")
                .endsWith("http://host:port"));
        assertFalse(invalid("{\"mountPoint\":\"s3://b/l\",\"options\":{\"endpoint\":\"http://me:pw@h\"}}")
                .contains("pw"));
        assertTrue(invalid("{\"mountPoint\":\"s3://b/l\",\"options\":{\"credentials\":\"AKIA:secret\"}}")
                .contains("never the keys"));
        assertTrue(master.error(400, "POST", DATASETS, "{\"name\":\"Bad_Name\",\"spec\":null}")
                .message()
                .contains("Bad_Name"));
        assertTrue(master.error(400, "POST", DATASETS, "{\"name\":\"bad\"}")
                .message()
                .contains("spec"));
        assertEquals(404, status(DATASETS + "/bad"));
    }

    @Test
    void anOriginThatFailsItsCheckIsNotSaved() {
        String noKeys = "{\"name\":\"empty\",\"spec\":{\"mounts\":[{\"mountPoint\":\"s3://b/left\","
                + "\"options\":{\"credentials\":\"env:NONE\"}}]}}";
        assertEquals(
                "credentials: the master's environment has no NONE_ACCESS_KEY_ID: set it where the master starts",
                master.error(403, "POST", DATASETS, noKeys).message());
        assertTrue(master.error(404, "POST", DATASETS, TestMaster.spec("empty", "s3://bucket/no/such/prefix"))
                .message()
                .contains("no/such/prefix"));
        assertEquals(404, status(DATASETS + "/empty"));
        CheckReport report = master.ok(
                master.send(
                        "POST",
                        "/v1/namespaces/default/dataset-checks",
                        TestMaster.spec("empty", "s3://bucket/no/such/prefix").getBytes()),
                CheckReport.class);
        assertFalse(report.ok());
        assertEquals(
                "prefix", report.findings().get(report.findings().size() - 1).subject());
    }

    @Test
    void unknownRoutesMethodsAndBodiesAreErrorDocuments() {
        assertEquals("not-found", master.error(404, "GET", "/v1/nothing", "").code());
        assertEquals("not-found", master.error(404, "GET", "/elsewhere", "").code());
        assertEquals("invalid", master.error(405, "PUT", "/v1/workers", "{}").code());
        assertTrue(master.error(400, "POST", DATASETS, "{ no json").message().contains("cannot be read"));
        assertTrue(
                master.error(400, "POST", DATASETS, "{\"nam\":\"x\"}").message().contains("nam"));
        assertEquals(
                "invalid",
                master.error(413, "POST", DATASETS, "{\"name\":\"" + "x".repeat(2 << 20) + "\"}")
                        .code());
        master.error(404, "GET", DATASETS + "/absent", "");
        master.error(400, "GET", "/v1/namespaces/UPPER/datasets", "");
        master.error(400, "POST", "/v1/workers/w/residency", "no report");
    }

    @Test
    void aTicketCarriesWhatIsSignedWithAndNotTheSecret() {
        BUCKET.put("keys/a", new byte[1]);
        String body = "{\"name\":\"keys\",\"spec\":{\"mounts\":[{\"mountPoint\":\"s3://bucket/keys\",\"options\":"
                + "{\"credentials\":\"env:TEAM\",\"endpoint\":\"http://127.0.0.1:9\",\"region\":\"here\"}}]}}";
        master.ok(master.send("POST", DATASETS, body.getBytes()), DatasetStatus.class);
        DatasetStatus bound = master.await("keys", status -> status.phase().equals("Bound"));
        Ticket ticket = master.get(DATASETS + "/keys/ticket", Ticket.class);
        Generation.Mount mount = generation(bound).mounts().get(0);
        OriginAccess access = ticket.access().get(mount.origin());
        Credentials.SigningKeys keys = assertInstanceOf(Credentials.SigningKeys.class, access.credentials());
        assertEquals(
                "AKIDTEAM token-of-team here",
                keys.accessKeyId() + " " + keys.sessionToken().orElse("") + " " + keys.region());
        assertTrue(keys.byDay().containsKey(LocalDate.now(ZoneOffset.UTC).format(DateTimeFormatter.BASIC_ISO_DATE)));
        assertFalse(new String(
                        master.send("GET", DATASETS + "/keys/ticket", NOTHING).body())
                .contains("secret-of-team"));
        assertTrue(access.origin().pathStyle());
        assertEquals(mount.origin(), access.origin().id("default|env:TEAM"));
        assertTrue(ticket.expiresAtMs() > System.currentTimeMillis());
        assertFalse(new String(master.send("GET", DATASETS, NOTHING).body()).contains("secret-of-team"));
        for (String map : List.of("datasets", "generations", "sessions", "segments")) {
            master.store
                    .map(map, Codec.bytes())
                    .entries("", Optional.empty(), 10_000)
                    .forEach(entry ->
                            assertFalse(new String(entry.value()).contains("secret-of"), map + " keeps a secret"));
        }
    }

    @Test
    void residencyCountsDistinctBytesOfLiveWorkers() {
        int size = (2 << 20) + 100; // Two chunks and a short one.
        BUCKET.put("warm/big", new byte[size]);
        BUCKET.put("warm/small", new byte[10]);
        DatasetStatus bound = master.createBound("warm", "s3://bucket/warm");
        Generation generation = generation(bound);
        ObjectId big = objectId(generation, "warm", "big");
        ObjectId small = objectId(generation, "warm", "small");
        assertTrue(register("res-1", 7).wantSnapshot());
        assertTrue(register("res-2", 1).wantSnapshot());
        assertFalse(report("res-1", 7, 1, true, held(big, "MEM", (1 << 20) + 100, 0, 2))
                .wantSnapshot());
        assertFalse(report("res-2", 1, 1, true, held(big, "SSD", 2 << 20, 0, 1), held(small, "SSD", 10, 0))
                .wantSnapshot());
        DatasetStatus warm = master.describe("warm");
        assertEquals(size + 10, warm.cachedBytes());
        assertTrue(warm.cacheCapacityBytes() >= 2000);
        Residency residency = master.get(DATASETS + "/warm/residency", Residency.class);
        List<Residency.Place> places = residency.places().stream()
                .filter(place -> place.worker().startsWith("res-"))
                .toList();
        assertEquals(2, places.size());
        assertEquals((1 << 20) + 100, places.get(0).bytes());
        assertEquals("MEM", places.get(0).medium());
        assertEquals((2 << 20) + 10, places.get(1).bytes());
        assertEquals(2, places.get(1).files());

        // A gap: refused until a snapshot comes.
        assertTrue(report("res-1", 7, 3, false, held(small, "MEM", 10, 0)).wantSnapshot());
        assertTrue(register("res-1", 7).wantSnapshot());
        assertFalse(report("res-1", 7, 4, true, held(small, "MEM", 10, 0)).wantSnapshot());
        // The rest of a snapshot comes as changes; a repeated report changes nothing.
        assertFalse(report("res-1", 7, 5, false, held(big, "MEM", 1 << 20, 0)).wantSnapshot());
        assertFalse(report("res-1", 7, 5, false, held(big, "MEM", 1 << 20, 0)).wantSnapshot());
        assertEquals((2 << 20) + 10, master.describe("warm").cachedBytes());

        master.send("DELETE", "/v1/workers/res-2?incarnation=1", NOTHING);
        assertEquals((1 << 20) + 10, master.describe("warm").cachedBytes());
        assertTrue(report("res-2", 1, 2, false).wantSnapshot());
        master.error(409, "POST", "/v1/workers", new String(Json.write(worker("res-1", 6))));
        assertTrue(register("res-1", 8).wantSnapshot());
        assertEquals(0, master.describe("warm").cachedBytes());
        WorkerList workers = master.get("/v1/workers", WorkerList.class);
        assertEquals(
                List.of(8L),
                workers.workers().stream()
                        .filter(status -> status.worker().id().equals("res-1"))
                        .map(status -> status.worker().incarnation())
                        .toList());
    }

    @Test
    void theServersRoutesAreInTheDocument() {
        Map<String, String> operations = Operation.all().stream()
                .collect(Collectors.toMap(operation -> operation.method() + " " + operation.path(), ApiOperation::id));
        OpenApiContract.check(master.get("/v1/openapi.json", JsonNode.class), master.served(), operations, 18);
    }

    static WorkerRegistration worker(String id, long incarnation) {
        return new WorkerRegistration(
                id, incarnation, "127.0.0.1", 1, 2, "0.1.0", List.of(new TierUse("MEM", "/tier", 1000, 10)));
    }

    private static WorkerLease register(String id, long incarnation) {
        return master.post("/v1/workers", worker(id, incarnation), WorkerLease.class);
    }

    private static WorkerLease report(
            String id, long incarnation, long sequence, boolean snapshot, HeldObject... objects) {
        byte[] body = new ResidencyReport(id, incarnation, sequence, snapshot, List.of(objects)).encode();
        return master.ok(master.send("POST", "/v1/workers/" + id + "/residency", body), WorkerLease.class);
    }

    private static HeldObject held(ObjectId object, String medium, long bytes, int... chunks) {
        return new HeldObject(object, medium, bytes, RoaringBitmap.bitmapOf(chunks));
    }

    private static ObjectId objectId(Generation generation, String dataset, String path) {
        return entries(dataset, generation).stream()
                .filter(entry -> entry.path().equals(path))
                .map(entry -> generation.object(entry).id())
                .findFirst()
                .orElseThrow();
    }

    private static Generation generation(DatasetStatus status) {
        return master.get(
                DATASETS + "/" + status.name() + "/generations/"
                        + status.generation().orElseThrow(),
                Generation.class);
    }

    private static List<Entry> entries(String dataset, Generation generation) {
        List<Entry> entries = new ArrayList<>();
        for (Generation.SegmentRef ref : generation.segments()) {
            byte[] bytes = master.send("GET", DATASETS + "/" + dataset + "/segments/" + ref.id(), NOTHING)
                    .body();
            assertEquals(ref.id(), Segment.idOf(bytes));
            assertArrayEquals(bytes, Segment.encode(Segment.decode(bytes).entries()));
            entries.addAll(Segment.decode(bytes).entries());
        }
        return entries;
    }

    private static Session openSession(String dataset, String refresh) {
        return master.post(
                DATASETS + "/" + dataset + "/sessions",
                new SessionRequest("test", Optional.of(refresh)),
                Session.class);
    }

    private static int status(String path) {
        return master.send("GET", path, NOTHING).statusCode();
    }

    private static String invalid(String mounts) {
        String body = "{\"name\":\"bad\",\"spec\":{\"mounts\":[" + mounts + "]}}";
        var error = master.error(400, "POST", DATASETS, body);
        assertEquals("invalid", error.code());
        return error.message();
    }
}
