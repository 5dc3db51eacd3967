package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.LoadShare.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lives of a worker that were killed: the next one begins on a copy of the disk as it stood. */
class LeaseRestartTest {
    private static final ObjectRef LOADED = FakeOrigin.object("loaded", 20 << 20);
    private static final Map<String, String> SETTINGS = Map.of("worker.share-expiry", "1h");

    @TempDir
    Path home;

    @Test
    void aKilledWorkerKeepsWhatALoadHadLeasedUntilItsShareIsThereAgainAndEnds() throws Exception {
        Path killed = killedWithAShare(Stage.FILLED);
        try (ShareRig next = new ShareRig(killed, SETTINGS)) {
            assertEquals(LOADED.sizeBytes(), next.gauge("hearth.worker.tier.held"));
            readOthers(next);
            assertTrue(next.rig.worker.store().find(LOADED.id()).orElseThrow().whole());
            next.put("s", ShareRig.order(LOADED));
            next.await("s", Stage.RESERVED);
            readOthers(next);
            assertTrue(next.rig.worker.store().find(LOADED.id()).orElseThrow().whole());
            next.delete("s");
            assertEquals(0, next.gauge("hearth.worker.tier.held"));
        }
        assertFalse(Files.exists(killed.resolve("worker/leases/s.leases")));
    }

    @Test
    void aShareThatWasReservedAloneIsKeptInPartAndAMasterMayEndItUnasked() throws Exception {
        Path killed = killedWithAShare(Stage.RESERVED);
        try (ShareRig next = new ShareRig(killed, SETTINGS)) {
            assertTrue(Files.exists(killed.resolve("worker/leases/s.leases")));
            assertTrue(next.gauge("hearth.worker.tier.held") < 1 << 20, "leases hold resident bytes alone");
            next.delete("s");
            assertEquals(0, next.gauge("hearth.worker.tier.held"));
            assertFalse(Files.exists(killed.resolve("worker/leases/s.leases")));
        }
    }

    @Test
    void aCleanStopKeepsThemToo() throws Exception {
        try (ShareRig first = new ShareRig(home, SETTINGS)) {
            first.put("s", ShareRig.order(LOADED));
            first.await("s", Stage.RESERVED);
            first.fill("s");
            first.await("s", Stage.FILLED);
        }
        try (ShareRig next = new ShareRig(home, SETTINGS)) {
            assertEquals(LOADED.sizeBytes(), next.gauge("hearth.worker.tier.held"));
        }
    }

    @Test
    void withAMasterThatDoesNotAskTheyLapse() throws Exception {
        Path killed = killedWithAShare(Stage.FILLED);
        try (ShareRig next = new ShareRig(killed, Map.of("worker.share-expiry", "100ms"))) {
            WorkerRig.await("the leases end", () -> next.gauge("hearth.worker.tier.held") == 0);
            WorkerRig.await("the book is empty", () -> !Files.exists(killed.resolve("worker/leases/s.leases")));
            assertTrue(next.rig.worker.store().find(LOADED.id()).orElseThrow().whole(), "the bytes stay");
        }
    }

    private Path killedWithAShare(Stage stage) throws Exception {
        Path copy = home.resolve("killed");
        Path place = home.resolve("first");
        try (ShareRig first = new ShareRig(place, SETTINGS)) {
            first.put("s", ShareRig.order(LOADED));
            first.await("s", Stage.RESERVED);
            if (stage == Stage.FILLED) {
                first.fill("s");
                first.await("s", Stage.FILLED);
            }
            copy(place, copy);
        }
        return copy;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            // Sockets cannot be copied, and no next life needs them.
            files.filter(file -> Files.isRegularFile(file) || Files.isDirectory(file))
                    .forEach(file -> {
                        try {
                            Files.copy(file, to.resolve(from.relativize(file).toString()));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }

    /** More than fits beside what is leased. */
    private static void readOthers(ShareRig rig) throws Exception {
        for (int i = 0; i < 4; i++) {
            try (WireClient client = rig.rig.client()) {
                WorkerServingTest.readAll(client, FakeOrigin.object("other-" + i, 15 << 20));
            }
        }
    }
}
