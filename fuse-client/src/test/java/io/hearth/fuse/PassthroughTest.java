package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.fuse.kernel.KernelTransport;
import io.hearth.fuse.kernel.device.Libc;
import io.hearth.protocol.Digests;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that the kernel reads itself, beside handles and mappings of the other kind, while files come and go beneath. Names may
 * be kept for an hour here, so what shows at once was told.
 */
class PassthroughTest {
    private static final int BYTES = 9_000_001;
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String SHA = "sha256sum < $M/model.bin | cut -d' ' -f1";
    private static final String HOLD = "exec 3<$M/model.bin; echo held; read go; sha256sum <&3 | cut -d' ' -f1";

    @TempDir
    Path files;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final MountMetrics metrics = new MountMetrics(meters);
    private FileReads reads;
    private Path directory;
    private Optional<MountedFileSystem> mount = Optional.empty();

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        assumeTrue(Libc.load().getuid() == 0, "only root may");
        String[] release = System.getProperty("os.version").split("[.-]");
        assumeTrue(Integer.parseInt(release[0]) * 100 + Integer.parseInt(release[1]) >= 609, "this kernel is too old");
        reads = new FileReads(files);
        directory = MountPoint.check(Files.createTempDirectory("hearth-passthrough"));
    }

    @AfterEach
    void unmount() throws IOException {
        mount.ifPresent(MountedFileSystem::close);
        if (directory != null) {
            Files.delete(directory);
            assertEquals(0, reads.held.get(), "every file is let go");
        }
    }

    private void mount(Optional<Duration> passthrough) {
        DatasetFileSystem fileSystem = new DatasetFileSystem(
                new TestTree().file("model.bin", BYTES, 2).build(), reads, 500, metrics, System::nanoTime);
        FuseTransport.Options options = new FuseTransport.Options(
                Duration.ofHours(1),
                1 << 20,
                64,
                64,
                256 << 10,
                64 << 20,
                passthrough,
                true,
                Duration.ofMillis(100),
                BOUND);
        mount = Optional.of(new KernelTransport(metrics).mount(fileSystem, directory, options));
        mount.get().awaitReady(BOUND);
    }

    private void mount() {
        mount(Optional.of(BOUND));
    }

    @Test
    void theKernelReadsAResidentFileWithoutUs() {
        reads.whole(true);
        mount();
        assertEquals(sha256(), out(SHA));
        assertEquals("ok", mapped());
        assertEquals(2, opens("passthrough"));
        assertEquals(0, operations("read"));
        waitFor(() -> reads.held.get() == 0);
    }

    @Test
    void allHandlesOfANodeShareOneFileUntilTheLastIsGone() {
        reads.whole(true);
        mount();
        try (Child.Running first = hold();
                Child.Running second = hold()) {
            assertEquals(1, reads.held.get());
            assertEquals(1, reads.wholeAsked.get());
            finish(first);
            assertEquals(1, reads.held.get());
            finish(second);
        }
        waitFor(() -> reads.held.get() == 0);
        assertEquals(0, operations("read"));
    }

    @Test
    void aNodeThatHasNoHandlesAnyMoreIsOpenedAsItsFileIsNow() {
        mount();
        for (int round = 0; round < 3; round++) {
            reads.whole(false);
            assertEquals(sha256(), out(SHA));
            waitFor(() -> operations("release") == operations("open"));
            reads.whole(true);
            assertEquals(sha256(), out(SHA));
            waitFor(() -> operations("release") == operations("open"));
        }
        assertEquals(3, opens("passthrough"));
        assertEquals(3, opens("descriptor"));
        assertEquals(1, operations("lookup"));
    }

    @Test
    void aFileThatBecomesResidentUnderACachedHandleIsReadByTheKernelFromTheNextOpenOn() {
        mount();
        try (Child.Running holder = hold()) {
            reads.becomeWhole();
            waitFor(() -> out(SHA).equals(sha256()) && opens("passthrough") >= 1);
            double passed = opens("passthrough");
            assertEquals("ok", mapped());
            assertEquals(passed + 1, opens("passthrough"));
            finish(holder);
        }
    }

    @Test
    void aCachedMappingThatOutlivesItsHandleGoesOnBesideTheKernelsOwnReads() {
        mount();
        try (Child.Running mapping = mapping()) {
            reads.becomeWhole();
            waitFor(() -> out(SHA).equals(sha256()) && opens("passthrough") >= 1);
            mapping.say("go");
            assertEquals("ok", mapping.line());
        }
    }

    @Test
    void aFileThatIsEvictedUnderTheKernelsHandlesStaysForThemAndIsReadAnewByOthers() {
        reads.whole(true);
        mount();
        try (Child.Running holder = hold();
                Child.Running mapping = mapping()) {
            assertEquals(2, opens("passthrough"));
            reads.evict(false);
            waitFor(() -> out(SHA).equals(sha256()) && opens("descriptor") >= 1);
            assertEquals(1, reads.held.get(), "held for its handles");
            finish(holder);
            mapping.say("go");
            assertEquals("ok", mapping.line());
            assertEquals(0, mapping.exit());
        }
        waitFor(() -> reads.held.get() == 0);
        assertEquals(sha256(), out(SHA));
    }

    @Test
    void aFileThatWasMadeAnewIsAnotherNode() {
        reads.whole(true);
        mount();
        try (Child.Running holder = hold()) {
            reads.evict(true);
            waitFor(() -> out(SHA).equals(sha256()) && reads.wholeAsked.get() >= 2);
            assertEquals(0, opens("descriptor"));
            finish(holder);
        }
        assertEquals(0, operations("read"));
    }

    /** Nobody was told: the kernel would refuse another kind of open of this node. */
    @Test
    void aNodeIsOpenedAsItsOtherHandlesAre() {
        mount();
        try (Child.Running cached = hold()) {
            reads.whole(true);
            assertEquals(sha256(), out(SHA));
            assertEquals("ok", mapped());
            assertEquals(0, opens("passthrough"));
            finish(cached);
        }
        waitFor(() -> operations("release") == operations("open"));
        try (Child.Running passed = hold()) {
            reads.whole(false);
            assertEquals(sha256(), out(SHA));
            assertEquals("ok", mapped());
            assertEquals(3, opens("passthrough"));
            finish(passed);
        }
        assertEquals(3, opens("descriptor"));
        assertEquals(0, errors());
    }

    @Test
    void passthroughThatIsOffIsNotAskedFor() {
        reads.whole(true);
        mount(Optional.empty());
        assertEquals(sha256(), out(SHA));
        reads.becomeWhole();
        assertEquals(sha256(), out(SHA));
        assertEquals(0, reads.wholeAsked.get());
        assertEquals(2, opens("descriptor"));
        assertEquals(1, operations("lookup"), "and no node is given up for it");
    }

    @Test
    void readersSeeOneContentWhileFilesComeAndGo() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        System.out.println("random passthrough plan: seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        mount();
        try (Child.Running readers = Child.start(
                directory,
                "for r in $(seq 4); do (for i in $(seq 12); do sha256sum < $M/model.bin 2>&1; done) & done"
                        + " | sort | uniq -c | sed 's/^ *//; s/ *-$//'; wait")) {
            while (readers.process.isAlive()) {
                switch (random.nextInt(3)) {
                    case 0 -> reads.becomeWhole();
                    case 1 -> reads.evict(random.nextBoolean());
                    default -> reads.whole(random.nextBoolean());
                }
                LockSupport.parkNanos(random.nextLong(5_000_000));
            }
            assertEquals("48 " + sha256(), readers.line(), "seed " + seed);
        }
        assertEquals(0, errors(), "seed " + seed);
        assertTrue(opens("passthrough") + opens("descriptor") == 48);
    }

    private Child.Running hold() {
        Child.Running holder = Child.start(directory, HOLD);
        assertEquals("held", holder.line());
        return holder;
    }

    private static void finish(Child.Running holder) {
        holder.say("go");
        assertEquals(sha256(), holder.line());
        assertEquals(0, holder.exit());
    }

    private Child.Running mapping() {
        Child.Running mapping = Child.java(directory, MappedHolder.class, directory + "/model.bin", "2");
        assertEquals("held", mapping.line());
        return mapping;
    }

    private String mapped() {
        try (Child.Running reader =
                Child.java(directory, MappedReader.class, directory + "/model.bin", "2", String.valueOf(BYTES))) {
            return reader.line();
        }
    }

    private double opens(String path) {
        return meters.get("hearth.mount.opens").tag("path", path).counter().count();
    }

    private double operations(String operation) {
        return meters.get("hearth.mount.operations")
                .tag("operation", operation)
                .timer()
                .count();
    }

    private double errors() {
        return meters.get("hearth.mount.errors").tag("errno", "EIO").counter().count();
    }

    private String out(String script) {
        return Child.sh(directory, script).out();
    }

    private static void waitFor(BooleanSupplier condition) {
        long deadline = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "the condition did not come about");
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static String sha256() {
        MessageDigest digest = Digests.sha256();
        digest.update(Pattern.bytes(2, 0, BYTES));
        return HexFormat.of().formatHex(digest.digest());
    }
}
