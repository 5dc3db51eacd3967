package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every transport must do, over a real mount; only child processes read it. */
public abstract class FuseTransportContract {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final Duration CACHE_FOR = Duration.ofMillis(50);
    private static final String LONG_NAME = "n".repeat(255);
    private static final int OPEN_MAX = 500;
    private static final long HUGE = (5L << 30) + 4321;

    private final MemoryReads reads = new MemoryReads();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private Path directory;
    private DatasetFileSystem fileSystem;
    private MountedFileSystem mount;

    /** @return empty, with a reason on standard output, where this machine cannot mount */
    protected abstract FuseTransport transport(MountMetrics metrics);

    /** The longest read that the kernel may ask of this transport. */
    protected abstract int requestBytes();

    private static TestTree base() {
        TestTree tree = new TestTree()
                .file("config.json", 613, 1)
                .file("model-00001.safetensors", 3_000_001, 2)
                .file("empty", 0, 3)
                .file("deep/er/file one.bin", 70_000, 4)
                .file("Übung/naïve 文.txt", 1000, 5)
                .file("a-b", 10, 6)
                .file("a/x", 11, 7)
                .file("huge.bin", HUGE, 8)
                .file(LONG_NAME, 12, 9)
                .directory("void");
        for (int i = 0; i < 1000; i++) {
            tree.file(String.format("many/f%04d", i), i % 7, 100 + i);
        }
        return tree;
    }

    @BeforeEach
    void mountOne() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        MountMetrics metrics = new MountMetrics(meters);
        FuseTransport transport = transport(metrics);
        directory = MountPoint.check(Files.createTempDirectory("hearth-mount"));
        fileSystem = new DatasetFileSystem(base().build(), reads, OPEN_MAX, metrics, System::nanoTime);
        mount = transport.mount(
                fileSystem, directory, TestMount.options(CACHE_FOR, requestBytes(), 64 << 20, Optional.empty()));
        mount.awaitReady(BOUND);
    }

    @AfterEach
    void unmount() throws IOException {
        if (mount != null) {
            reads.gate.get().countDown();
            mount.close();
            assertFalse(mount.isAlive());
            assertEquals(Optional.empty(), new MountTable().at(directory));
            Files.delete(directory);
        }
    }

    @Test
    void bytesAreExact() {
        assertEquals(
                sha256(2, 0, 3_000_001) + "\n" + sha256(4, 0, 70_000) + "\n" + sha256(3, 0, 0),
                out("cd $M && sha256sum model-00001.safetensors 'deep/er/file one.bin' empty | cut -d' ' -f1"));
        assertEquals(
                sha256(2, 1_000_003, 4097),
                out("tail -c +1000004 $M/model-00001.safetensors | head -c 4097 | " + "sha256sum | cut -d' ' -f1"));
    }

    @Test
    void offsetsBeyondFourGibibytes() {
        assertEquals(
                sha256(8, HUGE - 4321 - 4096, 8192),
                out(
                        "dd if=$M/huge.bin bs=4096 skip=$((5 * 262144 - 1)) count=2 status=none | sha256sum | cut -d' ' -f1"));
        assertEquals(sha256(8, HUGE - 1000, 1000), out("tail -c 1000 $M/huge.bin | sha256sum | cut -d' ' -f1"));
        assertEquals(Long.toString(HUGE), out("stat -c %s $M/huge.bin"));
    }

    @Test
    void namesAndListings() {
        assertEquals(
                "a\na-b\nconfig.json\ndeep\nempty\nhuge.bin\nmany\nmodel-00001.safetensors\n" + LONG_NAME
                        + "\nvoid\nÜbung",
                out("ls $M"));
        assertEquals("naïve 文.txt", out("ls $M/Übung"));
        assertEquals(
                new String(Pattern.bytes(6, 0, 10), java.nio.charset.StandardCharsets.ISO_8859_1).length() + "",
                out("wc -c < $M/a-b"));
        assertEquals("1000", out("ls $M/many | wc -l"));
        assertEquals("", out("ls -A $M/void"));
        assertEquals("1009", out("find $M -type f | wc -l"));
        assertEquals("7", out("find $M -type d | wc -l"));
        assertEquals("12", out("stat -c %s $M/" + LONG_NAME));
        assertEquals("0", out("ls -U $M/many | sort | uniq -d | wc -l"));
    }

    @Test
    void statShowsReadOnlyFilesWithTheirTimesAndStableNumbers() {
        assertEquals("444 regular file 613 1 1700000000 2", out("stat -c '%a %F %s %h %Y %b' $M/config.json"));
        assertEquals("555 directory 0", out("stat -c '%a %F %s' $M/deep"));
        assertEquals("444 regular empty file 0", out("stat -c '%a %F %s' $M/empty"));
        assertEquals("1", out("stat -c %i $M"));
        assertTrue(out("stat -c %y $M/config.json").contains(".123000000"));
        String before = out("ls -i $M/config.json $M/a/x; ls -id $M/deep");
        fileSystem.switchTo(base().file("config2.json", 5, 77).build(Optional.of(fileSystem.tree())));
        assertEquals(before, out("ls -i $M/config.json $M/a/x; ls -id $M/deep"));
        assertEquals("1010", out("find $M -type f -printf '%i\\n' | sort -u | wc -l"));
        assertEquals("hearth fuse.hearth", out("awk -v m=$M '$2 == m {print $1, $3}' /proc/mounts"));
        assertEquals("255 4096", out("stat -f -c '%l %S' $M"));
    }

    @Test
    void errorsAreThoseOfPosix() {
        assertRefused("No such file or directory", "cat $M/nothing", "cat $M/deep/nothing", "ls $M/no/where");
        assertRefused("Not a directory", "cat $M/config.json/x", "ls $M/config.json/");
        assertRefused("Is a directory", "cat $M/deep");
        assertEquals("Operation not supported", attribute("get"));
    }

    @Test
    void everyChangeIsRefusedAsReadOnly() {
        assertRefused(
                "Read-only file system",
                "touch $M/config.json",
                "touch $M/new",
                "rm -f $M/config.json",
                "rmdir $M/void",
                "mkdir $M/dir",
                "mv $M/config.json $M/other",
                "chmod 600 $M/config.json",
                "chown 1:1 $M/config.json",
                "ln $M/config.json $M/link",
                "ln -s x $M/link",
                "mkfifo $M/fifo",
                "truncate -s 0 $M/config.json",
                "bash -c 'echo x > $M/config.json'",
                "bash -c 'echo x >> $M/config.json'",
                "bash -c 'exec 3<>$M/config.json'");
        assertEquals("Read-only file system", attribute("set"));
        assertEquals("1", out("test -w $M/config.json; echo $?"));
        assertEquals("0", out("test -r $M/config.json; echo $?"));
        assertEquals("1", out("test -x $M/config.json; echo $?"));
        assertEquals(sha256(1, 0, 613), out("sha256sum < $M/config.json | cut -d' ' -f1"));
    }

    @Test
    void copiesAndMapsWhole() throws IOException {
        Path copy = Files.createTempDirectory("hearth-copy");
        try {
            assertEquals("0", out("cp -r $M/deep $M/Übung $M/void $M/model-00001.safetensors " + copy + "; echo $?"));
            assertEquals(
                    "",
                    out("diff -r $M/deep " + copy + "/deep; cmp $M/model-00001.safetensors " + copy
                            + "/model-00001.safetensors"));
            assertEquals(
                    "ok",
                    lastLine(Child.java(
                            directory,
                            MappedReader.class,
                            directory.resolve("model-00001.safetensors").toString(),
                            "2",
                            "3000001")));
        } finally {
            Child.sh(copy, "rm -rf $M");
        }
    }

    @Test
    void aSecondReadOfTheSameObjectComesFromThePageCache() {
        String sum = out("sha256sum < $M/model-00001.safetensors");
        out("sha256sum < $M/model-00001.safetensors");
        int asked = reads.reads.get();
        assertEquals(sum, out("sha256sum < $M/model-00001.safetensors"));
        assertEquals(asked, reads.reads.get(), "READs at a repeated open of an unchanged object");
    }

    @Test
    void longReadsAreAskedInRequestsOfFullLength() {
        int bytes = 64 << 20;
        assertEquals(sha256(8, 0, bytes), out("head -c " + bytes + " $M/huge.bin | sha256sum | cut -d' ' -f1"));
        int least = bytes / requestBytes();
        // The kernel begins with shorter ones, and reads ahead.
        assertTrue(
                reads.reads.get() >= least && reads.reads.get() <= least + least / 4 + 12,
                reads.reads.get() + " requests for 64 MiB");
    }

    @Test
    void readsPastThePageCacheEndWhereTheFileEnds() {
        assertEquals(
                sha256(2, 0, 3_000_001),
                out("dd if=$M/model-00001.safetensors iflag=direct bs=2M status=none | sha256sum | cut -d' ' -f1"));
        assertEquals("0", out("dd if=$M/empty iflag=direct bs=4096 status=none | wc -c"));
    }

    @Test
    void aReaderCanBeKilledWhileItsBytesAreAwaited() {
        reads.gate.set(new CountDownLatch(1));
        try (Child.Running waiting = Child.start(directory, "exec cat $M/huge.bin >/dev/null 2>&1")) {
            waitFor(() -> reads.reads.get() > 0);
            waiting.process.destroyForcibly();
            assertEquals(137, waiting.exit());
        }
        reads.gate.get().countDown();
        assertEquals(sha256(1, 0, 613), out("sha256sum < $M/config.json | cut -d' ' -f1"));
    }

    @Test
    void anOverwrittenObjectIsNeverMixedWithTheOldOne() {
        String old = sha256(1, 0, 613);
        String fresh = sha256(91, 0, 613);
        try (Child.Running holder = Child.start(
                directory,
                "exec 3<$M/config.json; head -c 100 <&3 >/dev/null; echo held; read go;"
                        + " cat /proc/self/fd/3 | sha256sum | cut -d' ' -f1; read go; exec 3<&-; echo closed")) {
            assertEquals("held", holder.line());
            assertEquals(old, out("sha256sum < $M/config.json | cut -d' ' -f1"));
            // Same size, same time of change: only the ETag tells them apart.
            switchTo(1, 613, 91);
            holder.say("go");
            assertEquals(old, holder.line(), "an open handle keeps its object");
            String during = out("sha256sum < $M/config.json | cut -d' ' -f1");
            assertTrue(during.equals(old) || during.equals(fresh), "a mix: " + during);
            holder.say("go");
            assertEquals("closed", holder.line());
        }
        assertEventually(fresh, "sha256sum < $M/config.json | cut -d' ' -f1");
    }

    @Test
    void sizesFollowAnObjectThatGrowsOrShrinks() {
        long[] sizes = {613, 200_000, 7, 4096, 0, 4097, 613};
        for (int i = 1; i < sizes.length; i++) {
            // Freshly asked for, so that the kernel has the old attributes in its cache.
            assertEquals(sizes[i - 1] + "", out("stat -c %s $M/config.json; cat $M/config.json >/dev/null"));
            switchTo(1, sizes[i], 200 + i);
            String sum = out("sha256sum < $M/config.json | cut -d' ' -f1");
            assertEquals(sha256(200 + i, 0, (int) sizes[i]), sum, "an open after the switch to " + sizes[i] + " bytes");
            assertEventually(sizes[i] + "", "stat -c %s $M/config.json");
        }
    }

    @Test
    void newAndDeletedNamesShowWithinTheKernelsTimeout() {
        assertEquals("1", out("cat $M/later 2>/dev/null; echo $?"));
        fileSystem.switchTo(new TestTree().file("later", 20, 300).build(Optional.of(fileSystem.tree())));
        assertEventually(sha256(300, 0, 20), "sha256sum < $M/later | cut -d' ' -f1");
        assertEventually("later", "ls $M");
        assertEventually("1", "cat $M/config.json 2>/dev/null >&2; echo $?");
    }

    @Test
    void withdrawnBytesAreStaleNotZeros() {
        try (Child.Running holder = Child.start(
                directory, "exec 3<$M/model-00001.safetensors; echo held; read go; cat <&3 | wc -c; echo end")) {
            assertEquals("held", holder.line());
            reads.stale.add(TestTree.validator(2).text());
            holder.say("go");
            assertTrue(holder.line().contains("Stale file handle"));
            assertEquals("0", holder.line());
        }
        assertNotEquals(
                0.0,
                meters.get("hearth.mount.errors")
                        .tag("errno", "ESTALE")
                        .counter()
                        .count());
    }

    @Test
    void tooManyOpenFilesAreRefusedAndReleasedOnesCountNoMore() {
        assertRefused(
                "Too many open files in system", "for i in $(seq 600); do exec {fd}<$M/config.json || exit 1; done");
        assertEventually("0", "cat $M/config.json >/dev/null; echo $?");
        waitFor(() -> reads.open.get() == 0);
    }

    @Test
    void unmountingCutsOffAReaderThatHoldsAFile() {
        try (Child.Running holder =
                Child.start(directory, "exec 3<$M/huge.bin; head -c 10 <&3 | wc -c; read go; cat <&3 >/dev/null")) {
            assertEquals("10", holder.line());
            long start = System.nanoTime();
            mount.close();
            assertTrue(System.nanoTime() - start < BOUND.toNanos());
            assertFalse(mount.isAlive());
            assertEquals(Optional.empty(), new MountTable().at(directory));
            holder.say("go");
            assertNotEquals(0, holder.exit());
        }
    }

    @Test
    void unmountingCutsOffAReaderInMidRead() {
        reads.gate.set(new CountDownLatch(1));
        try (Child.Running reader = Child.start(directory, "cat $M/model-00001.safetensors >/dev/null")) {
            waitFor(() -> reads.reads.get() > 0);
            Thread opener = new Thread(() -> {
                waitFor(() -> new MountTable().at(directory).isEmpty());
                reads.gate.get().countDown();
            });
            opener.start();
            mount.close();
            assertFalse(mount.isAlive());
            assertNotEquals(0, reader.exit());
        }
    }

    @Test
    void aPlainUnmountFromOutsideEndsTheMount() {
        new Unmounter(Duration.ZERO, BOUND).unmount(directory, false);
        waitFor(() -> !mount.isAlive());
    }

    @Test
    void aBusyMountIsNotUnmountedWithoutForce() {
        try (Child.Running holder = Child.start(directory, "exec 3<$M/config.json; echo held; read go")) {
            assertEquals("held", holder.line());
            io.hearth.protocol.HearthException busy = org.junit.jupiter.api.Assertions.assertThrows(
                    io.hearth.protocol.HearthException.class,
                    () -> new Unmounter(Duration.ZERO, BOUND).unmount(directory, false));
            assertTrue(busy.getMessage().contains("is busy"), busy.getMessage());
        }
        assertTrue(mount.isAlive());
    }

    @Test
    void randomPlansAgreeWithTheOracle() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        String plan = "seed " + seed;
        System.out.println("random plan: " + plan);
        Map<String, Long> sizes = Map.of(
                "config.json", 613L, "model-00001.safetensors", 3_000_001L, "huge.bin", HUGE, "empty", 0L, "a/x", 11L);
        Map<String, Long> seeds =
                Map.of("config.json", 1L, "model-00001.safetensors", 2L, "huge.bin", 8L, "empty", 3L, "a/x", 7L);
        String files = sizes.keySet().stream()
                .map(name -> name + ":" + sizes.get(name) + ":" + seeds.get(name))
                .collect(Collectors.joining(","));
        assertEquals(
                "ok",
                lastLine(Child.java(directory, RandomReader.class, directory.toString(), "" + seed, files)),
                plan);
    }

    /** Every version differs in every page from every other, and most in size; the switches come while readers read. */
    @Test
    void noReaderEverSeesAMixWhileVersionsChange() {
        int versions = 40;
        switchTo(1, VersionReader.sizeOf(1000), 1000);
        assertEventually(VersionReader.sizeOf(1000) + "", "stat -c %s $M/config.json");
        try (Child.Running reader = Child.java(
                directory,
                VersionReader.class,
                directory.resolve("config.json").toString(),
                "1000",
                "" + versions,
                "1200")) {
            int next = 0;
            while (reader.process.isAlive()) {
                next = (next + 1) % versions;
                switchTo(1, VersionReader.sizeOf(1000 + next), 1000 + next);
                java.util.concurrent.locks.LockSupport.parkNanos(400_000_000);
            }
            assertEquals("ok", lastLine(reader));
        }
        double switches =
                meters.get("hearth.mount.generation.switches").counter().count();
        assertTrue(switches > 5, "too few switches to show anything: " + switches);
    }

    private void switchTo(int seed, long size, long newSeed) {
        TestTree next = new TestTree().file("config.json", size, newSeed).file("a/x", 11, 7);
        fileSystem.switchTo(next.build(Optional.of(fileSystem.tree())));
    }

    private static String lastLine(Child.Running child) {
        try (child) {
            String last = "";
            for (String line = child.line(); line != null; line = child.line()) {
                last = line;
            }
            return last;
        }
    }

    /** What a child hears when it gets or sets an extended attribute. */
    private String attribute(String verb) {
        String file = directory.resolve("config.json").toString();
        return lastLine(Child.java(directory, ExtendedAttribute.class, verb, file));
    }

    private String out(String script) {
        return Child.sh(directory, script).out();
    }

    private void assertRefused(String message, String... scripts) {
        for (String script : scripts) {
            Child.Result result = Child.sh(directory, script);
            assertNotEquals(0, result.exit(), script);
            assertTrue(result.out().contains(message), script + " said: " + result.out());
        }
    }

    private void assertEventually(String expected, String script) {
        long deadline = System.nanoTime() + BOUND.toNanos();
        String last = out(script);
        while (!last.equals(expected) && System.nanoTime() < deadline) {
            last = out(script);
        }
        assertEquals(expected, last, script);
    }

    private static void waitFor(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "the condition did not come about");
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }

    private static String sha256(long seed, long offset, int length) {
        MessageDigest digest = io.hearth.protocol.Digests.sha256();
        digest.update(ByteBuffer.wrap(Pattern.bytes(seed, offset, length)));
        return HexFormat.of().formatHex(digest.digest());
    }
}
