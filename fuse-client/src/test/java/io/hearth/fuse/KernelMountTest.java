package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.fuse.kernel.KernelTransport;
import io.hearth.fuse.kernel.device.DeviceMounts;
import io.hearth.fuse.kernel.device.FuseDevice;
import io.hearth.fuse.kernel.device.Libc;
import io.hearth.fuse.kernel.device.ReadWaker;
import io.hearth.fuse.kernel.session.KernelSession;
import io.hearth.fuse.kernel.session.SessionOptions;
import io.hearth.protocol.HearthException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel transport does beyond the contract; the kernel may keep names for an hour here. */
class KernelMountTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final int REQUEST_BYTES = 1 << 20;

    private final MemoryReads reads = new MemoryReads();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final MountMetrics metrics = new MountMetrics(meters);
    private Path directory;
    private DatasetFileSystem fileSystem;
    private Optional<MountedFileSystem> mount = Optional.empty();

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        directory = MountPoint.check(Files.createTempDirectory("hearth-kernel"));
        TestTree tree = new TestTree()
                .file("config.json", 613, 1)
                .file("model.bin", 40_000_001, 2)
                .file("gone", 5, 3);
        for (int i = 0; i < 1000; i++) {
            tree.file(String.format("many/f%04d", i), i, 100 + i);
        }
        fileSystem = new DatasetFileSystem(tree.build(), reads, 500, metrics, System::nanoTime);
    }

    @AfterEach
    void unmount() throws IOException {
        reads.gate.get().countDown();
        mount.ifPresent(MountedFileSystem::close);
        if (directory != null) {
            assertEquals(Optional.empty(), new MountTable().at(directory));
            Files.delete(directory);
        }
    }

    private static FuseTransport.Options options(long replyBytesMax) {
        return new FuseTransport.Options(
                Duration.ofHours(1),
                1 << 20,
                64,
                64,
                REQUEST_BYTES,
                replyBytesMax,
                Optional.empty(),
                true,
                Duration.ofMillis(100),
                BOUND);
    }

    private void mount(Path where, long replyBytesMax) {
        mount = Optional.of(new KernelTransport(metrics).mount(fileSystem, where, options(replyBytesMax)));
        mount.get().awaitReady(BOUND);
    }

    private void mount() {
        mount(directory, 64 << 20);
    }

    @Test
    void namesSwitchAtOnceUnderARefresh() {
        mount();
        assertEquals("613 5", out("echo $(stat -c %s $M/config.json $M/gone)"));
        assertEquals("1", out("stat $M/later >/dev/null 2>&1; echo $?"));
        assertEquals("7", out("stat -c %s $M/many/f0007"));
        fileSystem.switchTo(new TestTree()
                .file("config.json", 613, 91)
                .file("later", 9, 92)
                .file("many/f0007", 77, 93)
                .build(Optional.of(fileSystem.tree())));
        waitFor(() -> out("stat -c %s $M/later").equals("9"));
        waitFor(() -> out("cat $M/gone 2>&1").contains("No such file"));
        waitFor(() -> out("sha256sum < $M/config.json | cut -d' ' -f1").equals(sha256(91, 613)));
        waitFor(() -> out("stat -c %s $M/many/f0007").equals("77"));
    }

    @Test
    void anOpenFileKeepsItsObjectWhileItsNameShowsTheNext() {
        mount();
        try (Child.Running holder = Child.start(
                directory, "exec 3<$M/config.json; echo held; read go; cat <&3 | sha256sum | cut -d' ' -f1")) {
            assertEquals("held", holder.line());
            fileSystem.switchTo(new TestTree().file("config.json", 700, 91).build(Optional.of(fileSystem.tree())));
            waitFor(() -> out("sha256sum < $M/config.json | cut -d' ' -f1").equals(sha256(91, 700)));
            holder.say("go");
            assertEquals(sha256(1, 613), holder.line());
        }
    }

    @Test
    void listingsBringAttributesAlong() {
        mount();
        assertEquals("499500", out("ls -l $M/many | awk '{s += $5} END {print s}'"));
        assertTrue(count("readdirplus") >= 1);
        assertTrue(count("lookup") <= 3, "look-ups for 1,000 files: " + count("lookup"));
        assertEquals("1000", out("ls -U $M/many | sort -u | wc -l"));
        assertEquals("..", out("ls -a $M/many | sed -n 2p"));
    }

    @Test
    void namesAndOpensAreRememberedByTheKernel() {
        mount();
        String first = out("sha256sum < $M/model.bin");
        double lookups = count("lookup");
        int asked = reads.reads.get();
        for (int again = 0; again < 5; again++) {
            assertEquals(first, out("sha256sum < $M/model.bin"));
        }
        assertEquals(lookups, count("lookup"));
        assertEquals(asked, reads.reads.get());
        waitFor(() -> count("open") == 6);
    }

    @Test
    void timesOfBirthAreTold() {
        mount();
        assertEquals("1700000000 613", out("stat -c '%W %s' $M/config.json"));
        assertEquals("0 0", out("stat -c '%W %s' $M/many"));
        assertTrue(count("statx") >= 1);
    }

    @Test
    void anInterruptWakesTheThreadThatWaitsForBytes() {
        mount();
        reads.gate.set(new CountDownLatch(1));
        try (Child.Running reader =
                Child.start(directory, "exec dd if=$M/model.bin iflag=direct bs=1M of=/dev/null 2>&1")) {
            waitFor(() -> reads.reads.get() > 0);
            reader.process.destroy();
            assertEquals(143, reader.exit());
        }
        waitFor(() -> meters.get("hearth.mount.errors")
                        .tag("errno", "EINTR")
                        .counter()
                        .count()
                == 1);
        waitFor(() -> reads.open.get() == 0);
    }

    @Test
    void whatTheKernelForgetsIsForgottenHere() {
        mount();
        assertEquals("1003", out("find $M -type f -size -1000000 | wc -l"));
        try (Child.Running holder =
                Child.start(directory, "exec 3<$M/config.json; echo held; read go; cat <&3 | wc -c")) {
            assertEquals("held", holder.line());
            assertTrue(nodes() >= 1000, "nodes: " + nodes());
            // A remount drops the names that nobody holds, of this mount alone.
            waitFor(() -> out("mount -i -o remount,ro $M").isEmpty() && nodes() == 1);
            holder.say("go");
            assertEquals("613", holder.line());
        }
        waitFor(() -> out("mount -i -o remount,ro $M").isEmpty() && nodes() == 0);
        assertEquals("613", out("stat -c %s $M/config.json"));
    }

    @Test
    void manyReadersShareOneBuffer() {
        mount(directory, REQUEST_BYTES);
        assertEquals(
                "8 " + sha256(2, 40_000_001),
                out("for i in $(seq 8); do dd if=$M/model.bin iflag=direct bs=4M status=none | sha256sum & done"
                        + " | sort | uniq -c | sed 's/^ *//; s/ *-$//'"));
    }

    @Test
    void aDescriptorThatOthersMountedWithIsServedAndLeft() {
        int descriptor = mounted();
        mount(Path.of("/dev/fd/" + descriptor), 64 << 20);
        assertEquals(sha256(2, 40_000_001), out("sha256sum < $M/model.bin | cut -d' ' -f1"));
        long start = System.nanoTime();
        mount.get().close();
        assertTrue(System.nanoTime() - start < BOUND.toNanos());
        assertFalse(mount.get().isAlive());
        assertTrue(out("ls $M 2>&1").contains("not connected"));
        new Unmounter(Duration.ZERO, BOUND).unmount(directory, true);
    }

    @Test
    void anUnmountByThoseWhoMountedEndsTheService() {
        int descriptor = mounted();
        mount(Path.of("/dev/fd/" + descriptor), 64 << 20);
        assertEquals("613", out("stat -c %s $M/config.json"));
        new Unmounter(Duration.ZERO, BOUND).unmount(directory, false);
        waitFor(() -> !mount.get().isAlive());
    }

    @Test
    void aDescriptorThatIsNotThereIsRefusedInWords() {
        HearthException failure = assertThrows(HearthException.class, () -> mount(Path.of("/dev/fd/987654"), 1 << 20));
        assertTrue(failure.getMessage().contains("there is no descriptor 987654"), failure.getMessage());
    }

    @Test
    void fusermountHandsOverADescriptor() throws Exception {
        Libc libc = Libc.load();
        FuseDevice device;
        try {
            device = new DeviceMounts(libc).byFusermount(directory, REQUEST_BYTES, true, BOUND);
        } catch (HearthException e) {
            abort(e.getMessage());
            return;
        }
        KernelSession session = new KernelSession(
                device,
                new ReadWaker(libc),
                fileSystem,
                new SessionOptions(BOUND, 64, 64, REQUEST_BYTES, libc.getpagesize(), 64 << 20, Optional.empty(), 0, 0),
                metrics);
        Thread serving = new Thread(session::serve);
        serving.start();
        try {
            session.agreed().get(BOUND.toSeconds(), TimeUnit.SECONDS);
            assertEquals("hearth fuse.hearth", out("awk -v m=$M '$2 == m {print $1, $3}' /proc/mounts"));
            assertEquals(sha256(2, 40_000_001), out("sha256sum < $M/model.bin | cut -d' ' -f1"));
        } finally {
            new Unmounter(Duration.ofSeconds(1), BOUND).unmount(directory, true);
            serving.join(BOUND.toMillis());
        }
        assertFalse(serving.isAlive());
    }

    @Test
    void fusermountsRefusalIsToldInItsWords() throws IOException {
        Path file = Files.createTempFile("hearth-no-directory", "");
        try {
            HearthException failure = assertThrows(
                    HearthException.class,
                    () -> new DeviceMounts(Libc.load())
                            .byFusermount(file.resolve("below"), REQUEST_BYTES, true, BOUND));
            assertTrue(failure.getMessage().contains("mount"), failure.getMessage());
        } finally {
            Files.delete(file);
        }
    }

    /** Mounts as a platform would, and gives the descriptor. */
    private int mounted() {
        Libc libc = Libc.load();
        int descriptor = libc.open("/dev/fuse", 2);
        assertTrue(descriptor >= 0);
        String options = "fd=" + descriptor + ",rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other";
        assertEquals(0, libc.mount("hearth", directory.toString(), "fuse.hearth", 7, options));
        return descriptor;
    }

    private int nodes() {
        return (int) meters.get("hearth.mount.kernel.nodes").gauge().value();
    }

    private double count(String operation) {
        return meters.get("hearth.mount.operations")
                .tag("operation", operation)
                .timer()
                .count();
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

    private static String sha256(long seed, int length) {
        MessageDigest digest = io.hearth.protocol.Digests.sha256();
        digest.update(Pattern.bytes(seed, 0, length));
        return HexFormat.of().formatHex(digest.digest());
    }
}
