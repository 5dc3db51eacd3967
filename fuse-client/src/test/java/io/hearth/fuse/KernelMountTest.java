package io.hearth.fuse;

import static io.hearth.fuse.TestMount.waitFor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.hearth.fuse.kernel.device.DeviceMounts;
import io.hearth.fuse.kernel.device.FuseDevice;
import io.hearth.fuse.kernel.device.Libc;
import io.hearth.fuse.kernel.device.ReadWaker;
import io.hearth.fuse.kernel.session.KernelSession;
import io.hearth.fuse.kernel.session.SessionOptions;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel transport does beyond the contract; the kernel may keep names for an hour here. */
class KernelMountTest {
    private static final Duration BOUND = TestMount.BOUND;
    private static final int REQUEST_BYTES = 1 << 20;

    private final MemoryReads reads = new MemoryReads();
    private Optional<TestMount> mount = Optional.empty();

    @BeforeEach
    void prepare() throws IOException {
        TestTree tree = new TestTree()
                .file("config.json", 613, 1)
                .file("model.bin", 40_000_001, 2)
                .file("gone", 5, 3);
        for (int i = 0; i < 1000; i++) {
            tree.file(String.format("many/f%04d", i), i, 100 + i);
        }
        mount = Optional.of(new TestMount(tree, reads));
    }

    @AfterEach
    void unmount() {
        reads.gate.get().countDown();
        mount.ifPresent(TestMount::close);
    }

    private TestMount mount(Path where, long replyBytesMax) {
        TestMount one = mount.orElseThrow();
        one.mount(where, REQUEST_BYTES, replyBytesMax);
        return one;
    }

    private void mount() {
        mount(directory(), 64 << 20);
    }

    private Path directory() {
        return mount.orElseThrow().directory;
    }

    private DatasetFileSystem fileSystem() {
        return mount.orElseThrow().fileSystem;
    }

    @Test
    void namesSwitchAtOnceUnderARefresh() {
        mount();
        assertEquals("613 5", out("echo $(stat -c %s $M/config.json $M/gone)"));
        assertEquals("1", out("stat $M/later >/dev/null 2>&1; echo $?"));
        assertEquals("7", out("stat -c %s $M/many/f0007"));
        fileSystem()
                .switchTo(new TestTree()
                        .file("config.json", 613, 91)
                        .file("later", 9, 92)
                        .file("many/f0007", 77, 93)
                        .build(Optional.of(fileSystem().tree())));
        waitFor(() -> out("stat -c %s $M/later").equals("9"));
        waitFor(() -> out("cat $M/gone 2>&1").contains("No such file"));
        waitFor(() -> out("sha256sum < $M/config.json | cut -d' ' -f1").equals(sha256(91, 613)));
        waitFor(() -> out("stat -c %s $M/many/f0007").equals("77"));
    }

    @Test
    void anOpenFileKeepsItsObjectWhileItsNameShowsTheNext() {
        mount();
        try (Child.Running holder = Child.start(
                directory(), "exec 3<$M/config.json; echo held; read go; cat <&3 | sha256sum | cut -d' ' -f1")) {
            assertEquals("held", holder.line());
            fileSystem()
                    .switchTo(new TestTree()
                            .file("config.json", 700, 91)
                            .build(Optional.of(fileSystem().tree())));
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

    /**
     * Whoever drops the machine's caches in between takes pages and names from us too: one round without that is
     * enough.
     */
    @Test
    void namesAndOpensAreRememberedByTheKernel() {
        mount();
        String first = out("sha256sum < $M/model.bin");
        assertEquals(sha256(2, 40_000_001) + "  -", first);
        waitFor(() -> {
            double lookups = count("lookup");
            int asked = reads.reads.get();
            double opens = count("open");
            assertEquals(first, out("sha256sum < $M/model.bin"));
            waitFor(() -> count("open") == opens + 1);
            return count("lookup") == lookups && reads.reads.get() == asked;
        });
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
                Child.start(directory(), "exec dd if=$M/model.bin iflag=direct bs=1M of=/dev/null 2>&1")) {
            waitFor(() -> reads.reads.get() > 0);
            reader.process.destroy();
            assertEquals(143, reader.exit());
        }
        waitFor(() -> mount.orElseThrow().errors("EINTR") == 1);
        waitFor(() -> reads.open.get() == 0);
    }

    @Test
    void whatTheKernelForgetsIsForgottenHere() {
        mount();
        assertEquals("1003", out("find $M -type f -size -1000000 | wc -l"));
        try (Child.Running holder =
                Child.start(directory(), "exec 3<$M/config.json; echo held; read go; cat <&3 | wc -c")) {
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
        mount(directory(), REQUEST_BYTES);
        assertEquals(
                "8 " + sha256(2, 40_000_001),
                out("for i in $(seq 8); do dd if=$M/model.bin iflag=direct bs=4M status=none | sha256sum & done"
                        + " | sort | uniq -c | sed 's/^ *//; s/ *-$//'"));
    }

    @Test
    void aDescriptorThatOthersMountedWithIsServedAndLeft() {
        int descriptor = mountedByOthers();
        mount(Path.of("/dev/fd/" + descriptor), 64 << 20);
        assertEquals(sha256(2, 40_000_001), out("sha256sum < $M/model.bin | cut -d' ' -f1"));
        long start = System.nanoTime();
        mounted().close();
        assertTrue(System.nanoTime() - start < BOUND.toNanos());
        assertFalse(mounted().isAlive());
        assertTrue(out("ls $M 2>&1").contains("not connected"));
        new Unmounter(Duration.ZERO, BOUND).unmount(directory(), true);
    }

    @Test
    void anUnmountByThoseWhoMountedEndsTheService() {
        int descriptor = mountedByOthers();
        mount(Path.of("/dev/fd/" + descriptor), 64 << 20);
        assertEquals("613", out("stat -c %s $M/config.json"));
        new Unmounter(Duration.ZERO, BOUND).unmount(directory(), false);
        waitFor(() -> !mounted().isAlive());
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
            device = new DeviceMounts(libc).byFusermount(directory(), REQUEST_BYTES, true, BOUND);
        } catch (HearthException e) {
            abort(e.getMessage());
            return;
        }
        KernelSession session = new KernelSession(
                device,
                new ReadWaker(libc),
                fileSystem(),
                new SessionOptions(BOUND, 64, 64, REQUEST_BYTES, libc.getpagesize(), 64 << 20, Optional.empty(), 0, 0),
                mount.orElseThrow().metrics);
        Thread serving = new Thread(session::serve);
        serving.start();
        try {
            session.agreed().get(BOUND.toSeconds(), TimeUnit.SECONDS);
            assertEquals("hearth fuse.hearth", out("awk -v m=$M '$2 == m {print $1, $3}' /proc/mounts"));
            assertEquals(sha256(2, 40_000_001), out("sha256sum < $M/model.bin | cut -d' ' -f1"));
        } finally {
            new Unmounter(Duration.ofSeconds(1), BOUND).unmount(directory(), true);
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
    private int mountedByOthers() {
        Libc libc = Libc.load();
        int descriptor = libc.open("/dev/fuse", 2);
        assertTrue(descriptor >= 0);
        String options = "fd=" + descriptor + ",rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other";
        assertEquals(0, libc.mount("hearth", directory().toString(), "fuse.hearth", 7, options));
        return descriptor;
    }

    private MountedFileSystem mounted() {
        return mount.orElseThrow().mounted();
    }

    private int nodes() {
        return (int) mount.orElseThrow()
                .meters
                .get("hearth.mount.kernel.nodes")
                .gauge()
                .value();
    }

    private double count(String operation) {
        return mount.orElseThrow().operations(operation);
    }

    private String out(String script) {
        return mount.orElseThrow().out(script);
    }

    private static String sha256(long seed, int length) {
        return TestMount.sha256(seed, 0, length);
    }
}
