package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.settings.SettingsBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountTest {
    private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(10);

    @TempDir
    Path home;

    private final FakeMasters masters = new FakeMasters();
    private final MemoryReads reads = new MemoryReads();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<List<WorkerAddress>> workers = new CopyOnWriteArrayList<>();
    private Path directory;
    private Optional<Mount> mount = Optional.empty();

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        directory = Files.createDirectory(home.resolve("mnt"));
        masters.publish(listing(1, 0));
    }

    @AfterEach
    void unmount() {
        mount.ifPresent(Mount::close);
        if (directory != null) {
            assertEquals(Optional.empty(), new MountTable().at(directory));
        }
    }

    /** 3,000 files that stay in several segments, and one that changes. */
    private static io.hearth.protocol.generation.GenerationBuilder.Listing listing(int seed, int more) {
        TestTree tree = new TestTree().file("model.bin", 5000, seed);
        for (int i = 0; i < 3000 + more; i++) {
            tree.file(String.format("data/%05d", i), 3, i);
        }
        return tree.listing();
    }

    private Mount start() {
        mount = Optional.of(startOf(FakeMasters.DATASET));
        return mount.get();
    }

    private Mount startOf(DatasetName dataset) {
        MountSettings settings = new SettingsBinder(home)
                .bind(
                        MountSettings.class,
                        Map.of("mount.retry-delay", "20ms", "mount.master-timeout", "5s", "mount.busy-grace", "100ms"));
        return Mount.start(
                settings,
                dataset,
                directory,
                Optional.of("2s"),
                new Mount.Parts(masters, () -> reads, workers::add, meters, Clock.systemUTC()));
    }

    @Test
    void showsTheNewestGenerationAndFollowsIt() {
        start();
        assertEquals("3001 5000", out("echo $(find $M -type f | wc -l) $(stat -c %s $M/model.bin)"));
        assertEquals(List.of(FakeMasters.WORKER), workers.get(0));
        int fetched = masters.segmentsGiven.get();
        assertTrue(fetched >= 2, "segments: " + fetched);

        masters.publish(listing(2, 1));
        waitFor(() -> meters.get("hearth.mount.generation.switches").counter().count() == 1);
        waitFor(() -> out("find $M -type f | wc -l").equals("3002"));
        int refetched = masters.segmentsGiven.get() - fetched;
        assertTrue(refetched <= 2, "segments fetched for a change of two files: " + refetched);
        assertEquals(3002.0, meters.get("hearth.mount.files").gauge().value());
    }

    @Test
    void aSecondMountFetchesNoSegmentAgain() {
        start().close();
        int fetched = masters.segmentsGiven.get();
        start();
        assertEquals(fetched, masters.segmentsGiven.get());
        assertEquals("3000", out("ls $M/data | wc -l"));
    }

    @Test
    void goesOnWhileMastersAreDownAndFollowsWhenTheyAreBack() {
        start();
        masters.down(true);
        assertEquals("3000", out("ls $M/data | wc -l"));
        masters.publish(listing(3, 5));
        masters.down(false);
        waitFor(() -> out("ls $M/data | wc -l").equals("3005"));
    }

    @Test
    void opensALostSessionAnew() {
        start();
        masters.forgetSessions();
        waitFor(() -> masters.sessionsOpened.get() == 2);
        assertEquals(1.0, meters.get("hearth.mount.sessions.lost").counter().count());
        masters.publish(listing(4, 7));
        waitFor(() -> out("ls $M/data | wc -l").equals("3007"));
    }

    @Test
    void startsFromTheSavedGenerationWithoutMasters() {
        start().close();
        masters.down(true);
        workers.clear();
        start();
        assertEquals("3000", out("ls $M/data | wc -l"));
        assertEquals(List.of(List.of(FakeMasters.WORKER)), List.copyOf(workers));
        masters.down(false);
        masters.publish(listing(5, 2));
        waitFor(() -> out("ls $M/data | wc -l").equals("3002"));
    }

    @Test
    void withoutMastersAndSavedGenerationItSaysSoAndLeavesNothing() {
        masters.down(true);
        HearthException failure = assertThrows(HearthException.class, this::start);
        assertEquals(FailureKind.UNAVAILABLE, failure.kind());
        assertTrue(failure.getMessage().contains("no saved listing of default/models"), failure.getMessage());
        assertFalse(failure.getMessage().contains("\n"));
    }

    @Test
    void anUnknownDatasetIsNamedAndNoSessionLeft() {
        HearthException failure =
                assertThrows(HearthException.class, () -> startOf(new DatasetName("default", "other")));
        assertEquals(FailureKind.NOT_FOUND, failure.kind());
        assertEquals(0, masters.openSessions());
    }

    @Test
    void closingEndsTheSessionAndTheReadPath() {
        start().close();
        assertEquals(0, masters.openSessions());
        assertTrue(mount.get().ended().isDone());
        assertFalse(mount.get().isAlive());
    }

    @Test
    void anUnmountFromOutsideClosesTheRest() {
        start();
        Child.Result result = Child.sh(directory, "umount $M");
        assertEquals(0, result.exit(), result.out());
        waitFor(() -> mount.get().ended().isDone());
        assertEquals(0, masters.openSessions());
    }

    @Test
    void aDamagedSegmentOnDiskIsFetchedAnew() throws IOException {
        start().close();
        int fetched = masters.segmentsGiven.get();
        try (java.util.stream.Stream<Path> files = Files.list(home.resolve("mount/segments"))) {
            Path victim = files.findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(victim);
            bytes[bytes.length / 2] ^= 1;
            Files.write(victim, bytes);
        }
        start();
        assertEquals(fetched + 1, masters.segmentsGiven.get());
        assertEquals("3000", out("ls $M/data | wc -l"));
    }

    @Test
    void aSecondMountOnTheSameDirectoryIsRefusedByName() {
        start();
        HearthException failure = assertThrows(HearthException.class, () -> startOf(FakeMasters.DATASET));
        assertEquals(directory + " is a mount point already: hearth umount " + directory, failure.getMessage());
        assertEquals(1, masters.openSessions());
    }

    private String out(String script) {
        return Child.sh(directory, script).out();
    }

    private static void waitFor(BooleanSupplier condition) {
        long deadline = System.nanoTime() + BOUND_NANOS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "the condition did not come about");
            LockSupport.parkNanos(5_000_000);
        }
    }
}
