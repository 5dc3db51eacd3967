package io.hearth.fuse;

import static io.hearth.fuse.TestMount.waitFor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.fuse.kernel.device.Libc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that the kernel reads itself, beside handles and mappings of the other kind, while files come and go beneath.
 */
class PassthroughTest {
    private static final int BYTES = 9_000_001;
    private static final String SHA = "sha256sum < $M/model.bin | cut -d' ' -f1";
    private static final String HOLD = "exec 3<$M/model.bin; echo held; read go; sha256sum <&3 | cut -d' ' -f1";

    @TempDir
    Path files;

    private FileReads reads;
    private Optional<TestMount> mount = Optional.empty();

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(Libc.load().getuid() == 0, "only root may");
        String[] release = System.getProperty("os.version").split("[.-]");
        assumeTrue(Integer.parseInt(release[0]) * 100 + Integer.parseInt(release[1]) >= 609, "this kernel is too old");
        reads = new FileReads(files);
        mount = Optional.of(new TestMount(new TestTree().file("model.bin", BYTES, 2), reads));
    }

    @AfterEach
    void unmount() {
        mount.ifPresent(one -> {
            one.close();
            assertEquals(0, reads.held.get(), "every file is let go");
        });
    }

    private TestMount mount() {
        mount.orElseThrow().mountPassing(Optional.of(TestMount.BOUND));
        return mount.orElseThrow();
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
        mount.orElseThrow().mountPassing(Optional.empty());
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
                mount.orElseThrow().directory,
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

    /** Overlayfs counts as a file system upon another, and the kernel refuses its files with ELOOP. */
    @Test
    void aTierOnAFileSystemUponAnotherTakesPassthroughFromNoOther() throws IOException {
        Path overlay = files.resolve("overlay");
        assumeTrue(
                mount.orElseThrow()
                        .out("cd " + files + " && mkdir lower upper work overlay && mount -t overlay overlay -o"
                                + " lowerdir=lower,upperdir=upper,workdir=work overlay 2>&1")
                        .isEmpty(),
                "no overlayfs");
        try {
            reads.whole(true);
            mount();
            for (int round = 0; round < 2; round++) {
                reads.directory = overlay;
                assertEquals(sha256(), out(SHA));
                waitFor(() -> operations("release") == operations("open"));
                reads.directory = files;
                assertEquals(sha256(), out(SHA));
                waitFor(() -> operations("release") == operations("open"));
            }
            assertEquals(2, opens("passthrough"));
            assertEquals(2, opens("descriptor"));
            assertEquals(0, errors());
        } finally {
            mount.orElseThrow().out("umount " + overlay);
        }
    }

    private Child.Running hold() {
        Child.Running holder = Child.start(mount.orElseThrow().directory, HOLD);
        assertEquals("held", holder.line());
        return holder;
    }

    private static void finish(Child.Running holder) {
        holder.say("go");
        assertEquals(sha256(), holder.line());
        assertEquals(0, holder.exit());
    }

    private Child.Running mapping() {
        Child.Running mapping = mount.orElseThrow().java(MappedHolder.class, "model.bin", "2");
        assertEquals("held", mapping.line());
        return mapping;
    }

    private String mapped() {
        try (Child.Running reader =
                mount.orElseThrow().java(MappedReader.class, "model.bin", "2", String.valueOf(BYTES))) {
            return reader.line();
        }
    }

    private double opens(String path) {
        return mount.orElseThrow().opens(path);
    }

    private double operations(String operation) {
        return mount.orElseThrow().operations(operation);
    }

    private double errors() {
        return mount.orElseThrow().errors("EIO");
    }

    private String out(String script) {
        return mount.orElseThrow().out(script);
    }

    private static String sha256() {
        return TestMount.sha256(2, 0, BYTES);
    }
}
