package io.hearth.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.Renewal;
import io.hearth.protocol.api.Session;
import io.hearth.protocol.api.SessionRequest;
import io.hearth.protocol.api.WorkerLease;
import io.hearth.protocol.generation.Generation;
import io.hearth.testing.MemoryObjectStore;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterRestartTest {
    private static final String DATASETS = "/v1/namespaces/default/datasets";

    @TempDir
    private Path home;

    @Test
    void datasetsGenerationsSessionsAndWaitingListingsSurviveARestart() {
        MemoryObjectStore bucket = new MemoryObjectStore();
        HeldObjectStore origin = new HeldObjectStore(bucket);
        bucket.put("kept/a", new byte[100]);
        bucket.put("late/a", new byte[7]);
        Session session;
        DatasetStatus bound;
        try (TestMaster first = new TestMaster(home, origin.factory(), Map.of())) {
            bound = first.createBound("kept", "s3://b/kept");
            session = first.post(
                    DATASETS + "/kept/sessions", new SessionRequest("mount", Optional.of("manual")), Session.class);
            assertTrue(first.post("/v1/workers", MasterApiTest.worker("w", 1), WorkerLease.class)
                    .wantSnapshot());
            origin.held.set(true);
            String late = TestMaster.spec("late", "s3://b/late");
            first.ok(first.send("POST", DATASETS, late.getBytes()), DatasetStatus.class);
            TestMaster.await(origin.listings::get, count -> count >= 2);
        }
        origin.held.set(false);
        try (TestMaster second = new TestMaster(home, origin.factory(), Map.of())) {
            DatasetStatus kept = second.describe("kept");
            assertEquals(bound.generation(), kept.generation());
            assertEquals(bound.createdAt(), kept.createdAt());
            assertEquals(DatasetStatus.BOUND, kept.phase());
            String generationPath = DATASETS + "/kept/generations/" + session.generation();
            Generation generation = second.get(generationPath, Generation.class);
            assertEquals(
                    200,
                    second.send(
                                    "GET",
                                    DATASETS + "/kept/segments/"
                                            + generation.segments().get(0).id(),
                                    new byte[0])
                            .statusCode());
            DatasetStatus late = second.await("late", status -> status.phase().equals(DatasetStatus.BOUND));
            assertEquals(7, late.ufsTotalBytes());
            // The session still pins its generation, also when a newer one comes.
            bucket.put("kept/b", new byte[1]);
            second.ok(second.send("POST", DATASETS + "/kept/refresh", new byte[0]), DatasetStatus.class);
            second.get(generationPath, Generation.class);
            Session renewed = second.post(
                    DATASETS + "/kept/sessions/" + session.id() + "/renew",
                    new Renewal(session.generation(), 1000),
                    Session.class);
            assertFalse(renewed.generation().equals(session.generation()));
            // A worker of before is asked for all it has.
            assertTrue(second.post("/v1/workers/w/heartbeat", MasterApiTest.worker("w", 1), WorkerLease.class)
                    .wantSnapshot());
        }
    }

    @Test
    void sessionsThatAreNotRenewedEndAndTheirGenerationsAreCollected() {
        MemoryObjectStore bucket = new MemoryObjectStore();
        bucket.put("d/a", new byte[1]);
        Map<String, String> settings = Map.of("master.session-ttl", "1s");
        try (TestMaster master = new TestMaster(home, bucket.factory(), settings)) {
            master.createBound("d", "s3://b/d");
            Session session = master.post(
                    DATASETS + "/d/sessions", new SessionRequest("mount", Optional.of("manual")), Session.class);
            bucket.put("d/b", new byte[1]);
            master.ok(master.send("POST", DATASETS + "/d/refresh", new byte[0]), DatasetStatus.class);
            String held = DATASETS + "/d/generations/" + session.generation();
            assertEquals(200, master.send("GET", held, new byte[0]).statusCode());
            TestMaster.await(() -> master.send("GET", held, new byte[0]).statusCode(), status -> status == 404);
            master.error(
                    404,
                    "POST",
                    DATASETS + "/d/sessions/" + session.id() + "/renew",
                    new String(Json.write(new Renewal(session.generation(), 0))));
            assertEquals(
                    1,
                    master.registry
                            .get("hearth.master.sessions.expired")
                            .counter()
                            .count());
        }
    }

    @Test
    void askingTwiceWhileListingMakesOneMoreListing() {
        MemoryObjectStore bucket = new MemoryObjectStore();
        HeldObjectStore origin = new HeldObjectStore(bucket);
        bucket.put("d/a", new byte[1]);
        try (TestMaster master = new TestMaster(home, origin.factory(), Map.of("master.listing-timeout", "1s"))) {
            master.createBound("d", "s3://b/d");
            origin.held.set(true);
            var first = master.sendLater("POST", DATASETS + "/d/refresh", new byte[0]);
            TestMaster.await(origin.listings::get, count -> count == 2);
            assertEquals(DatasetStatus.UPDATING, master.describe("d").phase());
            var second = master.sendLater("POST", DATASETS + "/d/refresh", new byte[0]);
            var third = master.sendLater("POST", DATASETS + "/d/refresh", new byte[0]);
            TestMaster.await(
                    () -> master.registry
                            .get("hearth.master.listings.waiting")
                            .gauge()
                            .value(),
                    waiting -> waiting == 3);
            bucket.put("d/b", new byte[2]);
            origin.held.set(false);
            assertEquals(504, first.join().statusCode(), "the listing that hangs fails by its timeout");
            assertEquals(3, master.ok(second.join(), DatasetStatus.class).ufsTotalBytes());
            assertEquals(200, third.join().statusCode());
            assertEquals(3, origin.listings.get());
            assertEquals(Optional.empty(), master.describe("d").message());
        }
    }

    @Test
    void aFirstListingThatFailsSaysWhyAndTheNextMayMendIt() {
        MemoryObjectStore bucket = new MemoryObjectStore();
        HeldObjectStore origin = new HeldObjectStore(bucket);
        bucket.put("d/a", new byte[1]);
        origin.held.set(true);
        Map<String, String> settings = Map.of("master.listing-timeout", "1s", "master.first-listing-wait", "5s");
        try (TestMaster master = new TestMaster(home, origin.factory(), settings)) {
            master.ok(
                    master.send(
                            "POST", DATASETS, TestMaster.spec("d", "s3://b/d").getBytes()),
                    DatasetStatus.class);
            String line = master.error(503, "POST", DATASETS + "/d/sessions", "{\"client\":\"mount\"}")
                    .message();
            assertTrue(line.contains("could not be listed: listing s3://b/d/ took longer than 1s"), line);
            DatasetStatus failed = master.await("d", status -> status.phase().equals(DatasetStatus.FAILED));
            assertTrue(failed.message().orElseThrow().contains("took longer"), failed.toString());
            origin.held.set(false);
            master.ok(master.send("POST", DATASETS + "/d/refresh", new byte[0]), DatasetStatus.class);
            assertEquals(DatasetStatus.BOUND, master.describe("d").phase());
        }
    }

    @Test
    void listingsAskedForWhileTheSweeperHoldsTheDatasetAreMade() {
        MemoryObjectStore bucket = new MemoryObjectStore();
        bucket.put("d/a", new byte[1]);
        Map<String, String> settings = Map.of("master.sweep-interval", "50ms", "master.generation-grace", "0ms");
        try (TestMaster master = new TestMaster(home, bucket.factory(), settings)) {
            master.createBound("d", "s3://b/d");
            for (int i = 0; i < 100; i++) {
                bucket.put("d/" + i, new byte[1]); // Each listing leaves a generation for the sweeper.
                DatasetStatus status =
                        master.ok(master.send("POST", DATASETS + "/d/refresh", new byte[0]), DatasetStatus.class);
                assertEquals(i + 2, status.files());
            }
        }
    }
}
