package io.hearth.worker;

import static io.hearth.worker.FakeOrigin.object;
import static io.hearth.worker.ShareRig.item;
import static io.hearth.worker.ShareRig.objects;
import static io.hearth.worker.ShareRig.order;
import static io.hearth.worker.ShareRig.positions;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.common.HttpMethod;
import io.hearth.objectstore.ObjectChecksum;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.LoadShare.Stage;
import io.hearth.protocol.api.LoadShare.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shares over the admin port: what a master sees. */
class ShareTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path home;

    @Test
    void aShareIsVerifiedAfterItsObjectsWereHeldAgainstTheirOriginsChecksum() throws Exception {
        ObjectRef wrong = object("wrong-as-a-whole", 9 << 20);
        try (ShareRig rig = new ShareRig(home, Map.of("worker.checksum-min-size", "1MiB"))) {
            rig.rig.origin.checksums.put(
                    wrong.key(), List.of(new ObjectChecksum(ObjectChecksum.Algorithm.CRC32C, new byte[4])));
            rig.rig.origin.answers = new CompletableFuture<>();
            rig.put("s", ShareRig.order(wrong));
            rig.await("s", Stage.RESERVED);
            rig.fill("s");
            rig.await("s", Stage.FILLED);
            rig.verify("s");
            WorkerRig.await("asked", () -> rig.rig.origin.heads.get() == 1);
            WorkerRig.await("all read back", () -> rig.get("s").verifiedBytes() == wrong.sizeBytes());
            assertEquals(Stage.VERIFYING, rig.get("s").stage(), "read back, and not yet compared");
            rig.rig.origin.answers.complete(null);
            Status verified = rig.await("s", Stage.VERIFIED);
            assertEquals(List.of(), List.copyOf(ShareRig.positions(verified.verified())), "the object is gone");
            assertEquals(0, verified.residentBytes());
        }
    }

    @Test
    void aShareIsReservedFilledVerifiedAndEnded() throws Exception {
        ObjectRef first = object("first", 9 * MIB + 5);
        ObjectRef second = object("second", 300);
        ObjectRef known = object("known", 3 * MIB);
        try (ShareRig rig = new ShareRig(home, Map.of());
                WireClient reader = rig.rig.client()) {
            reader.read(known, 0, MIB);
            WorkerRig.await("the reader's block", () -> rig.counter("hearth.worker.fill.bytes") == 3 * MIB);
            Status begun = rig.put("s", order(first, second, known));
            long total = first.sizeBytes() + second.sizeBytes() + known.sizeBytes();
            assertEquals(total, begun.totalBytes());
            assertEquals(rig.rig.worker.id(), begun.worker());
            Status reserved = rig.await("s", Stage.RESERVED);
            assertEquals(List.of(2), positions(reserved.resident()), "the reader brought it in this life");
            assertEquals(List.of(), positions(reserved.verified()));
            assertEquals(3, rig.gauge("hearth.worker.objects"));
            assertEquals(
                    409,
                    rig.refused(HttpMethod.POST, "s/verify", new byte[0]),
                    "nothing can be verified before the fill");

            rig.fill("s");
            Status filled = rig.await("s", Stage.FILLED);
            assertEquals(total, filled.residentBytes());
            assertEquals(first.sizeBytes() + second.sizeBytes(), filled.originBytes());
            assertEquals(0, filled.inFlightBytes());
            assertEquals(List.of(0, 1, 2), positions(filled.resident()));
            assertEquals(0, filled.verifiedBytes());
            assertEquals(Stage.FILLED, rig.fill("s").stage(), "no new start");

            rig.verify("s");
            Status verified = rig.await("s", Stage.VERIFIED);
            assertEquals(total, verified.verifiedBytes());
            assertEquals(List.of(0, 1, 2), positions(verified.verified()));
            assertEquals(List.of(), verified.failures());
            assertEquals(total, rig.counter("hearth.worker.share.bytes.verified"));
            assertEquals(total, rig.rig.origin.bytes.get());
            assertEquals(409, rig.refused(HttpMethod.POST, "s/fill", new byte[0]));
            assertTrue(rig.gauge("hearth.worker.tier.held") >= total);

            rig.verify("s");
            assertEquals(total, rig.await("s", Stage.VERIFIED).verifiedBytes());
            assertEquals(2 * total, rig.counter("hearth.worker.share.bytes.verified"), "another pass");

            rig.delete("s");
            rig.delete("s");
            assertEquals(404, rig.refused(HttpMethod.GET, "s", new byte[0]));
            assertEquals(0, rig.gauge("hearth.worker.tier.held"));
            assertEquals(3, rig.gauge("hearth.worker.objects"), "the bytes stay");
            WorkerServingTest.readAll(reader, first);
            assertEquals(total, rig.rig.origin.bytes.get());
        }
    }

    @Test
    void theSameIdAgainJoinsWhatIsThereAndItsBodyIsIgnored() {
        try (ShareRig rig = new ShareRig(home, Map.of())) {
            rig.put("s", order(object("a", MIB)));
            assertEquals(MIB, rig.put("s", order(object("b", 5 * MIB))).totalBytes());
            assertEquals(
                    MIB,
                    rig.put("s", "nonsense".getBytes(StandardCharsets.UTF_8)).totalBytes());
            assertEquals(1, rig.gauge("hearth.worker.shares"));
        }
    }

    @Test
    void onlyTheBlocksThatWereAskedForAreFilled() {
        ObjectRef object = object("part", 30 * MIB + 1);
        try (ShareRig rig = new ShareRig(home, Map.of())) {
            Status verified = rig.run("s", order(item(object, 1, 3)));
            assertEquals(8 * MIB + 6 * MIB + 1, verified.totalBytes());
            assertEquals(verified.totalBytes(), verified.verifiedBytes());
            assertEquals(List.of(0), positions(verified.verified()));
            assertEquals(verified.totalBytes(), rig.rig.origin.bytes.get());
            assertEquals(
                    List.of(8L * MIB, 24L * MIB),
                    rig.rig.origin.offsets.stream().sorted().toList());
        }
    }

    @Test
    void anEmptyObjectNeedsNoFileAndNoByte() {
        try (ShareRig rig = new ShareRig(home, Map.of())) {
            Status verified = rig.run("s", order(object("empty", 0), object("a", 10)));
            assertEquals(List.of(0, 1), positions(verified.resident()));
            assertEquals(List.of(0, 1), positions(verified.verified()));
            assertEquals(10, verified.verifiedBytes());
            assertEquals(1, rig.gauge("hearth.worker.objects"));
            Status nothing = rig.run("none", order(new ObjectRef[0]));
            assertEquals(0, nothing.totalBytes());
        }
    }

    @Test
    void aShareWithoutRoomIsRefusedWithFiguresAndEvictsNothing() throws Exception {
        ObjectRef resident = object("resident", 20 * MIB);
        try (ShareRig rig = new ShareRig(home, Map.of());
                WireClient reader = rig.rig.client()) {
            WorkerServingTest.readAll(reader, resident);
            rig.put("held", order(object("held", 10 * MIB)));
            rig.await("held", Stage.RESERVED);
            rig.put("s", order(objects("o", 6, 10 * MIB)));
            Status refused = rig.await("s", Stage.REFUSED);
            assertEquals(
                    Optional.of("no room for 60MiB on worker " + rig.rig.worker.id()
                            + ": its tiers lend 64MiB, of which 10MiB are held"),
                    refused.message());
            assertEquals(2, rig.gauge("hearth.worker.objects"), "nothing made, nothing evicted");
            assertEquals(1, rig.counter("hearth.worker.shares.refused"));
            assertEquals(409, rig.refused(HttpMethod.POST, "s/fill", new byte[0]));
            rig.put("large", order(object("huge", 65 * MIB)));
            assertEquals(
                    Optional.of("no room for huge (65MiB) on worker " + rig.rig.worker.id()
                            + ": its largest tier lends 64MiB"),
                    rig.await("large", Stage.REFUSED).message());
            long before = rig.rig.origin.bytes.get();
            WorkerServingTest.readAll(reader, resident);
            assertEquals(before, rig.rig.origin.bytes.get());
            rig.put("fits", order(objects("f", 5, 10 * MIB)));
            rig.await("fits", Stage.RESERVED);
            assertEquals(6, rig.gauge("hearth.worker.objects"), "the resident one made room, the held one stays");
        }
    }

    @Test
    void aLoadLargerThanTheFirstTierSpillsToTheNextAndKeepsItsFirstFiles() {
        String tiers = "MEM:" + home.resolve("mem") + ":16MiB,SSD:" + home.resolve("ssd") + ":64MiB";
        try (ShareRig rig = new ShareRig(home, Map.of("worker.tiers", tiers))) {
            Status verified = rig.run("s", order(objects("o", 10, 5 * MIB)));
            assertEquals(50L * MIB, verified.verifiedBytes());
            assertEquals(0, rig.counter("hearth.worker.evictions"));
            assertEquals(
                    15L * MIB,
                    rig.rig
                            .registry
                            .get("hearth.worker.tier.used")
                            .tag("medium", "mem")
                            .gauge()
                            .value());
        }
    }

    @Test
    void aBitFlippedBetweenFillAndVerifyIsFoundAndASecondShareHealsIt() throws Exception {
        ObjectRef rotten = object("rotten", 4 * MIB);
        ObjectRef sound = object("sound", 2 * MIB);
        try (ShareRig rig = new ShareRig(home, Map.of());
                WireClient reader = rig.rig.client()) {
            rig.put("s", order(rotten, sound));
            rig.await("s", Stage.RESERVED);
            rig.fill("s");
            rig.await("s", Stage.FILLED);
            rig.flip(rotten, 2 * MIB + 77);
            rig.verify("s");
            Status verified = rig.await("s", Stage.VERIFIED);
            assertEquals(List.of(1), positions(verified.verified()));
            assertEquals(List.of(1), positions(verified.resident()), "the bad chunk is dropped");
            assertEquals(5L * MIB, verified.verifiedBytes());
            assertEquals(1, verified.failures().size());
            assertEquals("corrupt", verified.failures().get(0).kind());
            assertEquals(1, rig.counter("hearth.worker.share.chunks.mismatched"));
            assertEquals(1, rig.counter("hearth.worker.chunks.corrupt"));
            Status healed = rig.run("again", order(rotten, sound));
            assertEquals(List.of(0, 1), positions(healed.verified()));
            assertEquals(MIB, healed.originBytes());
            assertEquals(7L * MIB, rig.rig.origin.bytes.get());
            Status first = rig.get("s");
            assertEquals(List.of(0, 1), positions(first.resident()));
            assertEquals(List.of(1), positions(first.verified()), "its own pass did not read the new chunk back");
            WorkerServingTest.readAll(reader, rotten);
        }
    }

    @Test
    void objectsThatTheOriginDoesNotGiveAreNamedAndTheOthersComeAllTheSame() {
        ObjectRef gone = object("gone", 20 * MIB);
        ObjectRef down = object("down", 9 * MIB);
        ObjectRef good = object("good", 9 * MIB);
        try (ShareRig rig = new ShareRig(home, Map.of("worker.share-blocks", "1"))) {
            rig.rig.origin.failing.put("gone", FailureKind.NOT_FOUND);
            rig.rig.origin.failing.put("down", FailureKind.UNAVAILABLE);
            Status verified = rig.run("s", order(gone, down, good));
            assertEquals(List.of(2), positions(verified.verified()));
            assertEquals(good.sizeBytes(), verified.verifiedBytes());
            assertEquals(
                    List.of(0, 1),
                    verified.failures().stream().map(LoadShare.Failure::item).toList());
            assertEquals("not-found", verified.failures().get(0).kind());
            assertEquals("unavailable", verified.failures().get(1).kind());
            assertTrue(verified.failures().get(0).reason().contains("gone"), verified.toString());
            assertEquals(1 + 2 + 2, rig.rig.origin.fetches.get(), "what is gone is not asked for twice");
        }
    }

    @Test
    void anEvictionDuringAShareCostsItsItemAndNotTheShare() throws Exception {
        ObjectRef evicted = object("evicted", 16 * MIB);
        ObjectRef kept = object("kept", 3 * MIB);
        try (ShareRig rig = new ShareRig(home, Map.of("worker.share-blocks", "1"))) {
            rig.rig.origin.pieces.drainPermits();
            rig.put("s", order(evicted, kept));
            rig.await("s", Stage.RESERVED);
            Status filling = rig.fill("s");
            WorkerRig.await("the first block asked for", () -> rig.rig.origin.fetches.get() == 1);
            assertTrue(rig.get("s").inFlightBytes() > 0, filling.toString());
            rig.evict(evicted);
            rig.rig.origin.pieces.release(1 << 20);
            Status filled = rig.await("s", Stage.FILLED);
            assertEquals(List.of(1), positions(filled.resident()));
            assertEquals(0, filled.failures().get(0).item());
            assertTrue(filled.failures().get(0).reason().contains("evicted"), filled.toString());
            rig.verify("s");
            assertEquals(List.of(1), positions(rig.await("s", Stage.VERIFIED).verified()));
            rig.evict(kept);
            Status late = rig.get("s");
            assertEquals(List.of(), positions(late.verified()), "a status is read from the index");
            assertEquals(0, late.residentBytes());
            assertEquals(0, late.verifiedBytes());
            rig.delete("s");
            WorkerRig.await("nothing held", () -> rig.gauge("hearth.worker.tier.held") == 0);
            assertEquals(0, rig.gauge("hearth.worker.tier.used"));
        }
    }

    @Test
    void aShareThatNobodyAsksAboutEndsAndSoDoItsLeases() throws Exception {
        try (ShareRig rig = new ShareRig(home, Map.of("worker.share-expiry", "100ms"))) {
            rig.rig.origin.pieces.drainPermits();
            rig.put("s", order(objects("o", 3, 9 * MIB)));
            WorkerRig.await("files made, or gone again", () -> rig.gauge("hearth.worker.shares") == 0);
            WorkerRig.await("leases ended", () -> rig.gauge("hearth.worker.tier.held") == 0);
            assertEquals(404, rig.refused(HttpMethod.GET, "s", new byte[0]));
            assertEquals(0, rig.gauge("hearth.worker.objects"), "files without a byte are dropped");
            assertEquals(1, rig.counter("hearth.worker.shares.expired"));
        }
    }

    @Test
    void anEndedShareGivesUpItsTransfers() throws Exception {
        try (ShareRig rig = new ShareRig(home, Map.of("worker.share-blocks", "4"))) {
            rig.rig.origin.pieces.drainPermits();
            rig.put("s", order(object("a", 60 * MIB)));
            rig.await("s", Stage.RESERVED);
            rig.fill("s");
            WorkerRig.await("four blocks", () -> rig.rig.origin.fetches.get() == 4);
            assertEquals(4, rig.gauge("hearth.worker.share.blocks"));
            rig.delete("s");
            WorkerRig.await("no block under way", () -> rig.gauge("hearth.worker.share.blocks") == 0);
            WorkerRig.await("no transfer", () -> rig.gauge("hearth.worker.fills.running") == 0);
            WorkerRig.await("nothing held", () -> rig.gauge("hearth.worker.tier.held") == 0);
            WorkerRig.await("the file dropped", () -> rig.gauge("hearth.worker.objects") == 0);
            assertEquals(4, rig.rig.origin.fetches.get());
            rig.rig.origin.pieces.release(1 << 20);
            assertEquals(
                    60L * MIB, rig.run("again", order(object("a", 60 * MIB))).verifiedBytes());
        }
    }

    @Test
    void noMoreBlocksAreFilledAtOnceThanTheBound() {
        try (ShareRig rig = new ShareRig(home, Map.of("worker.share-blocks", "3"))) {
            rig.put("one", order(object("a", 30 * MIB)));
            rig.put("two", order(object("b", 30 * MIB)));
            for (String id : List.of("one", "two")) {
                rig.await(id, Stage.RESERVED);
                rig.fill(id);
            }
            assertEquals(30L * MIB, rig.await("one", Stage.FILLED).residentBytes());
            assertEquals(30L * MIB, rig.await("two", Stage.FILLED).residentBytes());
            assertTrue(rig.rig.origin.mostAtOnce.get() <= 3, rig.rig.origin.mostAtOnce + " at once, in two shares");
        }
    }

    @Test
    void aReaderIsServedWhileAShareWaitsForItsBlocks() throws Exception {
        try (ShareRig rig = new ShareRig(home, Map.of("worker.fill-slots", "4"));
                WireClient reader = rig.rig.client()) {
            rig.rig.origin.pieces.drainPermits();
            rig.put("s", order(object("load", 56 * MIB)));
            rig.await("s", Stage.RESERVED);
            rig.fill("s");
            WorkerRig.await("three of four slots taken", () -> rig.rig.origin.fetches.get() == 3);
            ObjectRef wanted = object("wanted", MIB);
            long id = reader.ask(wanted, 0, MIB);
            WorkerRig.await("the reader's fetch has begun", () -> rig.rig.origin.fetches.get() == 4);
            rig.rig.origin.pieces.release(1 << 20);
            assertArrayEquals(FakeOrigin.expected(wanted, 0, MIB), reader.answer(id, 0, MIB));
            assertEquals(56L * MIB, rig.await("s", Stage.FILLED).residentBytes());
        }
    }

    @Test
    void aRestartedWorkerKnowsNoShareAndVerifiesWhatItKept() {
        byte[] order = order(object("a", 9 * MIB), object("b", MIB));
        try (ShareRig rig = new ShareRig(home, Map.of())) {
            rig.run("s", order);
        }
        try (ShareRig rig = new ShareRig(home, Map.of())) {
            assertEquals(404, rig.refused(HttpMethod.GET, "s", new byte[0]));
            assertEquals(404, rig.refused(HttpMethod.POST, "s/fill", new byte[0]));
            rig.put("s", order);
            Status reserved = rig.await("s", Stage.RESERVED);
            assertEquals(2, reserved.incarnation());
            assertEquals(0, reserved.residentBytes(), "not verified in this life");
            Status verified = rig.run("s2", order);
            assertEquals(10L * MIB, verified.verifiedBytes());
            assertEquals(0, verified.originBytes());
            assertEquals(0, rig.rig.origin.fetches.get());
        }
    }

    @Test
    void aLongPollAnswersAtTheChangeOrAfterItsTime() throws Exception {
        try (ShareRig rig = new ShareRig(home, Map.of(), Duration.ofMillis(500))) {
            rig.rig.origin.pieces.drainPermits();
            rig.put("s", order(object("a", MIB)));
            rig.await("s", Stage.RESERVED);
            assertEquals(Stage.RESERVED, rig.get("s?after=Filled&waitMs=10000").stage(), "another stage: at once");
            long before = System.nanoTime();
            assertEquals(Stage.RESERVED, rig.get("s?after=Reserved&waitMs=700").stage());
            assertTrue(
                    System.nanoTime() - before >= TimeUnit.MILLISECONDS.toNanos(700),
                    "longer than the server's timeout");
            rig.fill("s");
            CompletableFuture<Status> change =
                    CompletableFuture.supplyAsync(() -> rig.get("s?after=Filling&waitMs=10000"));
            rig.rig.origin.pieces.release(1 << 20);
            assertEquals(Stage.FILLED, change.get(9, TimeUnit.SECONDS).stage());
            CompletableFuture<Integer> ended = CompletableFuture.supplyAsync(
                    () -> rig.refused(HttpMethod.GET, "s?after=Filled&waitMs=10000", new byte[0]));
            rig.delete("s");
            assertEquals(404, ended.get(9, TimeUnit.SECONDS));
        }
    }

    @Test
    void badRequestsAreRefusedInOneLine() {
        ObjectRef good = object("a", 10 * MIB);
        try (ShareRig rig = new ShareRig(home, Map.of("worker.shares-max", "2", "worker.share-items", "3"))) {
            for (String body : List.of(
                    "",
                    "null",
                    "{}",
                    "{\"namespace\":\"default\",\"dataset\":\"m\"}",
                    "{\"namespace\":\"default\",\"dataset\":\"m\",\"items\":[null]}",
                    "{\"namespace\":\"NO\",\"dataset\":\"m\",\"items\":[]}",
                    document("\"key\":\"k\",\"validator\":\"e:x\",\"sizeBytes\":1"),
                    document("\"origin\":\"o\",\"key\":\"k\",\"validator\":\"x\",\"sizeBytes\":1"),
                    document("\"origin\":\"o\",\"key\":\"k\",\"validator\":\"e:x\",\"sizeBytes\":-1"),
                    document(
                            "\"origin\":\"o\",\"key\":\"k\",\"validator\":\"e:x\",\"sizeBytes\":1,\"blocks\":\"AAAA\""),
                    document("\"origin\":\"o\",\"key\":\"" + "k".repeat(1025)
                            + "\",\"validator\":\"e:x\",\"sizeBytes\":1"))) {
                assertEquals(400, rig.refused(HttpMethod.PUT, "s", body.getBytes(StandardCharsets.UTF_8)), body);
            }
            assertEquals(400, rig.refused(HttpMethod.PUT, "s", order(item(good, 2))), "a block past the end");
            List<LoadShare.Item> many = Collections.nCopies(LoadShare.ITEMS_MAX + 1, item(good));
            assertEquals(400, rig.refused(HttpMethod.PUT, "s", Json.write(new LoadShare.Order("default", "m", many))));
            assertEquals(400, rig.refused(HttpMethod.PUT, "bad%20id", order(good)));
            assertEquals(404, rig.refused(HttpMethod.GET, "unknown?after=Filled&waitMs=100", new byte[0]));
            rig.put("one", order(good, good));
            for (String query : List.of("after=Never", "waitMs=-1", "waitMs=10001", "waitMs=soon")) {
                assertEquals(400, rig.refused(HttpMethod.GET, "one?" + query, new byte[0]), query);
            }
            assertEquals(429, rig.refused(HttpMethod.PUT, "two", order(good, good)), "four items of three");
            rig.put("two", order(good));
            assertEquals(429, rig.refused(HttpMethod.PUT, "three", order(new ObjectRef[0])));
            rig.delete("one");
            rig.put("three", order(good));
        }
    }

    private static String document(String item) {
        return "{\"namespace\":\"default\",\"dataset\":\"m\",\"items\":[{" + item + "}]}";
    }

    @Test
    void theLongestOrderIsTaken() {
        LoadShare.Item[] items = new LoadShare.Item[LoadShare.ITEMS_MAX];
        for (int i = 0; i < items.length; i++) {
            items[i] = item(object("k".repeat(1000) + i, 100));
        }
        try (ShareRig rig = new ShareRig(home, Map.of())) {
            Status begun = rig.put("s", order(items));
            assertEquals(100L * items.length, begun.totalBytes());
            rig.await("s", Stage.RESERVED);
            rig.delete("s");
            assertEquals(0, rig.gauge("hearth.worker.objects"));
        }
    }
}
