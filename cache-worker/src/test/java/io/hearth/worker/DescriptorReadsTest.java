package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.client.ObjectReads.OpenObject;
import io.hearth.client.WholeFile;
import io.hearth.protocol.ObjectRef;
import io.hearth.worker.descriptor.HostileMount;
import io.hearth.worker.tier.GiveBack;
import io.hearth.worker.tier.ObjectFile;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mount's read path beside a real worker: which way the bytes go, and what becomes of descriptors. */
class DescriptorReadsTest {
    private static final int MIB = 1 << 20;
    private static final int EPERM = 1;
    private static final int EAGAIN = 11;
    private static final Duration BOUND = Duration.ofSeconds(10);

    @TempDir
    Path home;

    @Test
    void aColdReadByDescriptorSendsNoByteOverTheDataSocketAndFetchesEachOnce() throws Exception {
        ObjectRef object = FakeOrigin.object("cold", 20L * MIB + 4321);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader = reader(rig).connected()) {
            reader.sequential(object);
            assertEquals(object.sizeBytes(), reader.bytesFrom("descriptor"));
            assertEquals(0, reader.bytesFrom("worker"));
            assertEquals(0, reader.bytesFrom("origin"));
            assertEquals(0, rig.counter("hearth.worker.chunks.served"));
            assertEquals(object.sizeBytes(), rig.origin.bytes.get());
            assertEquals(1, rig.counter("hearth.worker.descriptors.given"));
            reader.sequential(object);
            assertEquals(2 * object.sizeBytes(), reader.bytesFrom("descriptor"));
            assertEquals(object.sizeBytes(), rig.origin.bytes.get());
            assertTrue(file(rig, object).sealed());
            WorkerRig.await("let go", () -> !file(rig, object).held());
            assertEquals(0, reader.gauge("hearth.client.descriptors"));
        }
    }

    @Test
    void aTakerGetsTheFileItselfAndHoldsItThroughAnEviction() throws Exception {
        ObjectRef object = FakeOrigin.object("taken", 3L * MIB + 17);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader = reader(rig).connected();
                OpenObject open = reader.open(object)) {
            DescriptorReader.read(open, object, 0, MIB, "");
            ObjectFile first = file(rig, object);
            ByteBuffer untouched = ByteBuffer.allocate(MIB + 17);
            int read = open.read(2L * MIB, untouched, (descriptor, offset, length) -> {
                rig.worker.store().evict(Set.of(object.id()));
                assertArrayEquals(FakeOrigin.expected(object, offset, length), bytes(descriptor, offset, length));
                assertTrue(first.tier().zombieBytes() > 0, "held while it is taken");
                return true;
            });
            assertEquals(MIB + 17, read);
            assertEquals(0, untouched.position());
            WorkerRig.await("let go", () -> first.tier().zombieBytes() == 0);
            DescriptorReader.read(open, object, 0, 3 * MIB + 17, "after");
        }
    }

    @Test
    void aFileIsToldToBeWholeWhenItsLastChunkIsThereAndGivenAtOnceFromThenOn() throws Exception {
        ObjectRef object = FakeOrigin.object("whole", 11L * MIB + 3);
        List<Boolean> told = new CopyOnWriteArrayList<>();
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader = reader(rig).connected();
                OpenObject open = reader.open(object)) {
            reader.watch((changed, whole) -> told.add(changed.equals(object.id()) && whole));
            assertEquals(Optional.empty(), open.whole(BOUND), "nothing of it is there");
            reader.sequential(object);
            WorkerRig.await("told", () -> told.contains(true));
            try (WholeFile file = open.whole(BOUND).orElseThrow()) {
                assertTrue(file.current());
                int length = (int) object.sizeBytes();
                assertArrayEquals(FakeOrigin.expected(object, 0, length), bytes(file.descriptor(), 0, length));
            }
        }
    }

    @Test
    void aWholeFileThatIsHeldOutlivesItsEvictionAndItsSuccessorIsAnother() throws Exception {
        ObjectRef object = FakeOrigin.object("held", 9L * MIB);
        List<Boolean> told = new CopyOnWriteArrayList<>();
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader =
                        reader(rig, Map.of("client.descriptor-idle", "50ms")).connected();
                OpenObject open = reader.open(object)) {
            reader.sequential(object);
            reader.watch((changed, whole) -> told.add(whole));
            WholeFile file = awaitWhole(open);
            ObjectFile first = file(rig, object);
            rig.worker.store().evict(Set.of(object.id()));
            WorkerRig.await("told that it left", () -> told.contains(false));
            assertFalse(file.current());
            for (int chunk = 0; chunk < 9; chunk++) {
                DescriptorReader.read(open, object, (long) chunk * MIB, MIB, "after");
            }
            try (WholeFile next = awaitWhole(open)) {
                assertTrue(next.current());
                assertNotEquals(file.descriptor(), next.descriptor());
            }
            assertTrue(first.tier().zombieBytes() >= 9L * MIB, "held");
            assertArrayEquals(FakeOrigin.expected(object, 0, 9 * MIB), bytes(file.descriptor(), 0, 9 * MIB));
            file.close();
            file.close();
            WorkerRig.await("let go", () -> first.tier().zombieBytes() == 0);
        }
    }

    @Test
    void aWholeFileOutlivesItsWorkerWhichMustVerifyItAgainBeforeItIsGiven() throws Exception {
        ObjectRef object = FakeOrigin.object("restarted", 5L * MIB);
        WorkerRig rig = new WorkerRig(home, Map.of());
        try (FakeOrigin origin = new FakeOrigin();
                DescriptorReader reader = new DescriptorReader(home, origin, Map.of())
                        .follow(rig.worker)
                        .connected();
                OpenObject open = reader.open(object)) {
            reader.sequential(object);
            WholeFile file = awaitWhole(open);
            rig.close();
            assertArrayEquals(FakeOrigin.expected(object, 0, 5 * MIB), bytes(file.descriptor(), 0, 5 * MIB));
            try (WorkerRig next = new WorkerRig(home, Map.of("worker.passthrough-verify-rate", "0"))) {
                reader.follow(next.worker).connected();
                WorkerRig.await("the old one is no longer the one to take", () -> !file.current());
                assertEquals(Optional.empty(), open.whole(BOUND), "not verified in this life");
                reader.sequential(object);
                try (WholeFile again = awaitWhole(open)) {
                    assertTrue(again.current());
                }
                assertEquals(0, next.origin.bytes.get() + origin.bytes.get());
            }
            file.close();
        }
    }

    @Test
    void aFileOfAnEarlierLifeThatIsOpenIsVerifiedInTheBackground() throws Exception {
        ObjectRef object = FakeOrigin.object("earlier", 9L * MIB + 5);
        leftByAnEarlierLife(object);
        List<Boolean> told = new CopyOnWriteArrayList<>();
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader = reader(rig).connected();
                OpenObject open = reader.open(object)) {
            reader.watch((changed, whole) -> told.add(whole));
            open.whole(BOUND);
            WorkerRig.await("told, as of a file that becomes resident", () -> told.contains(true));
            try (WholeFile file = awaitWhole(open)) {
                int length = (int) object.sizeBytes();
                assertArrayEquals(FakeOrigin.expected(object, 0, length), bytes(file.descriptor(), 0, length));
            }
            assertEquals(10, rig.counter("hearth.worker.chunks.verified"));
            assertEquals(0, reader.bytesFrom("descriptor"), "nobody has read it");
            assertEquals(0, rig.origin.bytes.get());
        }
    }

    @Test
    void whatRottedBetweenTwoLivesIsFoundBeforeTheKernelGetsIt() throws Exception {
        ObjectRef object = FakeOrigin.object("rotted", 5L * MIB);
        leftByAnEarlierLife(object);
        try (FileChannel channel = FileChannel.open(data(object), StandardOpenOption.WRITE)) {
            byte right = FakeOrigin.expected(object, 3L * MIB + 5, 1)[0];
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (right ^ 4)}), 3L * MIB + 5);
        }
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader = reader(rig).connected();
                OpenObject open = reader.open(object)) {
            WorkerRig.await("found", () -> {
                open.whole(BOUND).ifPresent(file -> fail("the kernel would read it"));
                return rig.counter("hearth.worker.chunks.corrupt") == 1;
            });
            reader.sequential(object);
            try (WholeFile file = awaitWhole(open)) {
                assertArrayEquals(FakeOrigin.expected(object, 0, 5 * MIB), bytes(file.descriptor(), 0, 5 * MIB));
            }
            assertEquals(MIB, rig.origin.bytes.get(), "one chunk again");
        }
    }

    private void leftByAnEarlierLife(ObjectRef object) throws Exception {
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader = reader(rig).connected()) {
            reader.sequential(object);
        }
    }

    @Test
    void moreThanTheKernelsShareOfMemoryIsReadByDescriptorAndNeverGivenWhole() throws Exception {
        ObjectRef large = FakeOrigin.object("beyond", 33L * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader = reader(rig).connected()) {
            reader.sequential(large);
            reader.sequential(large);
            assertTrue(reader.bytesFrom("descriptor") >= 33L * MIB);
            try (OpenObject open = reader.open(large)) {
                assertEquals(Optional.empty(), open.whole(BOUND), "33 MiB of 64 are more than half");
                assertTrue(open.hasFile());
            }
        }
    }

    @Test
    void aDeviceThatIsNoMountsIsRefusedAndTheConversationGoesOn() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "there is no /dev/fuse, or only others may open it");
        ObjectRef object = FakeOrigin.object("kept", 3L * MIB);
        ObjectRef other = FakeOrigin.object("other", 2L * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.passthrough-files", "16"));
                DescriptorReader wrong = reader(rig).connected();
                DescriptorReader reader = reader(rig).connected();
                OpenObject asWrong = wrong.open(object);
                OpenObject open = reader.open(object)) {
            reader.sequential(object);
            try (WholeFile file = awaitWhole(asWrong)) {
                for (int again = 0; again < 3; again++) {
                    assertEquals(-EAGAIN, file.keep(() -> device("/dev/null"), BOUND));
                }
            }
            try (WholeFile file = awaitWhole(open);
                    OpenObject next = reader.open(other)) {
                // The worker asks the kernel, where it may; the kernel refuses what is not mounted.
                assertEquals(-EPERM, file.keep(() -> device("/dev/fuse"), BOUND));
                assertEquals(-EPERM, file.keep(() -> device("/dev/fuse"), BOUND));
                reader.sequential(other);
                try (WholeFile another = awaitWhole(next)) {
                    assertEquals(-EPERM, another.keep(() -> device("/dev/fuse"), BOUND));
                }
            }
            wrong.sequential(other);
            assertEquals(0, rig.counter("hearth.worker.descriptors.refused"));
            assertEquals(
                    0,
                    rig.registry.get("hearth.worker.descriptors.kept").gauge().value());
        }
    }

    @Test
    void aMountWhoseSocketBreaksGoesOnToOpenWhatTheKernelKeepsForIt() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "there is no /dev/fuse, or only others may open it");
        assumeTrue(Files.isWritable(Path.of("/sys/kernel/mm")), "only root may");
        ObjectRef object = FakeOrigin.object("kept", 3L * MIB);
        Path point = Files.createDirectory(home.resolve("mount"));
        Path name = point.resolve(HostileMount.NAME);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                HostileMount mount = new HostileMount(point, 3L * MIB)) {
            assertEquals(0, sh("stat " + name), "kernel and mount have agreed");
            try (DescriptorReader reader = reader(rig).connected()) {
                OpenObject open = reader.open(object);
                reader.sequential(object);
                int id = awaitWhole(open).keep(mount::copyOfDevice, BOUND);
                assumeTrue(id > 0, "the kernel reads no files itself, or not for this process: errno " + -id);
                mount.answer(id);
            }
            WorkerRig.await("the worker has seen it", () -> gauge(rig, "hearth.worker.descriptors.open") == 0);
            Path copy = home.resolve("copy");
            assertEquals(0, sh("exec 3<" + name + "; cat " + name + " > " + copy), "a second open");
            assertArrayEquals(FakeOrigin.expected(object, 0, 3 * MIB), Files.readAllBytes(copy));
            assertEquals(1, gauge(rig, "hearth.worker.descriptors.kept"));
            assertTrue(file(rig, object).held(), "it takes room also when it has left its tier");
        }
    }

    private static double gauge(WorkerRig rig, String name) {
        return rig.registry.get(name).gauge().value();
    }

    /** What a process of its own ends with: this one must not touch its own mount. */
    private static int sh(String script) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", script)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            fail("hangs: " + script);
        }
        return process.exitValue();
    }

    @Test
    void aWorkerThatKeepsNothingSaysSoAtOnce() throws Exception {
        ObjectRef object = FakeOrigin.object("not-kept", 3L * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.passthrough-files", "0"));
                DescriptorReader reader = reader(rig).connected();
                OpenObject open = reader.open(object)) {
            reader.sequential(object);
            try (WholeFile file = awaitWhole(open)) {
                assertEquals(-EPERM, file.keep(() -> fail("nobody wants the device"), BOUND));
            }
        }
    }

    /** A descriptor of its own, which the read path closes. */
    private static int device(String path) {
        try {
            return FileDescriptor.from(path).intValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The worker looks at its files from time to time, and a descriptor may be in between two. */
    private static WholeFile awaitWhole(OpenObject open) throws InterruptedException {
        AtomicReference<WholeFile> file = new AtomicReference<>();
        WorkerRig.await("whole", () -> {
            open.whole(BOUND).ifPresent(file::set);
            return file.get() != null;
        });
        return file.get();
    }

    private static byte[] bytes(int descriptor, long offset, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try (FileChannel file = FileChannel.open(Path.of("/proc/self/fd/" + descriptor))) {
            while (bytes.hasRemaining() && file.read(bytes, offset + bytes.position()) >= 0) {}
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.array();
    }

    @Test
    void aDescriptorCannotBeWrittenTo() throws Exception {
        ObjectRef object = FakeOrigin.object("read-only", MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader = reader(rig).connected();
                OpenObject open = reader.open(object)) {
            DescriptorReader.read(open, object, 0, MIB, "");
            // The rig's own handle is open for writing, the descriptor handed out, in the same process, is not.
            assertTrue(descriptorsOf(object).anyMatch(flags -> (flags & 3) == 0));
            assertEquals(
                    1, descriptorsOf(object).filter(flags -> (flags & 3) != 0).count());
        }
    }

    @Test
    void aFileThatLeavesItsTierIsLetGoAndTheNextReadTakesTheNewOne() throws Exception {
        ObjectRef object = FakeOrigin.object("evicted", 9L * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader = reader(rig).connected();
                OpenObject open = reader.open(object)) {
            DescriptorReader.read(open, object, 0, MIB, "");
            ObjectFile first = file(rig, object);
            rig.worker.store().evict(Set.of(object.id()));
            WorkerRig.await("its bytes are free", () -> first.tier().zombieBytes() == 0);
            for (int chunk = 0; chunk < 9; chunk++) {
                DescriptorReader.read(open, object, (long) chunk * MIB, MIB, "after");
            }
            assertEquals(10L * MIB, reader.bytesFrom("descriptor"));
            assertEquals(1, rig.counter("hearth.worker.descriptors.revoked"));
            assertEquals(2, rig.counter("hearth.worker.descriptors.given"));
        }
    }

    @Test
    void aFileWithABadChunkIsMadeAnewAndReadersMoveOn() throws Exception {
        ObjectRef object = FakeOrigin.object("rotten", 5L * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader = reader(rig).connected();
                OpenObject open = reader.open(object)) {
            DescriptorReader.read(open, object, 0, 5 * MIB, "");
            ObjectFile first = file(rig, object);
            Path data = data(object);
            try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[] {0}), 3L * MIB + 5);
            }
            assertTrue(first.tryHold());
            first.recheck(3, ByteBuffer.allocate(1 << 16));
            rig.worker.store().renew(first);
            first.release();
            WorkerRig.await("let go", () -> rig.counter("hearth.worker.descriptors.revoked") == 1 && !first.held());
            DescriptorReader.read(open, object, 0, 5 * MIB, "after");
            assertEquals(10L * MIB, reader.bytesFrom("descriptor"));
            assertEquals(6L * MIB, rig.origin.bytes.get(), "one chunk again");
        }
    }

    @Test
    void whatIsUnusedForAWhileIsClosedAndOpenedAgainWhenRead() throws Exception {
        ObjectRef object = FakeOrigin.object("idle", 2L * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                DescriptorReader reader =
                        reader(rig, Map.of("client.descriptor-idle", "200ms")).connected();
                OpenObject open = reader.open(object)) {
            DescriptorReader.read(open, object, 0, MIB, "");
            WorkerRig.await("nobody holds it", () -> !file(rig, object).held());
            DescriptorReader.read(open, object, MIB, MIB, "");
            assertEquals(2L * MIB, reader.bytesFrom("descriptor"));
        }
    }

    @Test
    void withoutASocketEverythingComesOverTcp() throws Exception {
        ObjectRef object = FakeOrigin.object("tcp", 9L * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.descriptors", "0"));
                DescriptorReader reader = reader(rig)) {
            reader.sequential(object);
            assertEquals(0, reader.bytesFrom("descriptor"));
            assertEquals(object.sizeBytes(), reader.bytesFrom("worker"));
        }
    }

    @Test
    void pastTheShareOfMemoryAndWhileMemoryIsGivenBackReadersGoOverTcp() throws Exception {
        ObjectRef large = FakeOrigin.object("large", 33L * MIB);
        ObjectRef small = FakeOrigin.object("small", 3L * MIB);
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.descriptor-share-readers", "50"));
                DescriptorReader reader = reader(rig).connected()) {
            reader.sequential(large);
            assertEquals(0, reader.bytesFrom("descriptor"), "33 MiB of 64 are more than half");
            assertTrue(reader.counter("hearth.client.descriptors.refused") > 0);
            reader.sequential(small);
            assertEquals(3L * MIB, reader.bytesFrom("descriptor"));
            new GiveBack(rig.worker.store(), Runnable::run)
                    .give(rig.worker.store().tiers().get(0), MIB);
            reader.sequential(small);
            assertEquals(3L * MIB, reader.bytesFrom("descriptor"));
        }
    }

    @Test
    void aSocketThatAnswersNothingCostsOneShortWait() throws Exception {
        ObjectRef object = FakeOrigin.object("mute", 3L * MIB);
        Path socket = home.resolve("mute.sock");
        try (ServerSocketChannel mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                WorkerRig rig = new WorkerRig(home, Map.of())) {
            mute.bind(UnixDomainSocketAddress.of(socket));
            try (DescriptorReader reader =
                    reader(rig, Map.of("client.worker-socket", socket.toString(), "client.descriptor-wait", "10ms"))) {
                reader.sequential(object);
                assertEquals(0, reader.bytesFrom("descriptor"));
                assertEquals(object.sizeBytes(), reader.bytesFrom("worker"));
            }
        }
    }

    @Test
    void aWorkerThatEndsUnderAReadLeavesTheBytesThatWereThereAndTheOriginTheRest() throws Exception {
        ObjectRef object = FakeOrigin.object("ends", 17L * MIB);
        WorkerRig rig = new WorkerRig(home, Map.of());
        try (FakeOrigin origin = new FakeOrigin();
                DescriptorReader reader = new DescriptorReader(home, origin, Map.of())
                        .follow(rig.worker)
                        .connected();
                OpenObject open = reader.open(object)) {
            DescriptorReader.read(open, object, 0, 4 * MIB, "before");
            rig.close();
            for (long at = 0; at < object.sizeBytes(); at += MIB) {
                DescriptorReader.read(open, object, at, MIB, "after");
            }
            assertTrue(reader.bytesFrom("descriptor") >= 8L * MIB, "what was there is read as before");
            // The worker may have filled all of it before it ended.
            assertEquals(
                    object.sizeBytes(),
                    reader.bytesFrom("descriptor") - 4 * MIB + origin.bytes.get(),
                    "each once, from either");
            double before = reader.bytesFrom("descriptor");
            try (WorkerRig next = new WorkerRig(home, Map.of())) {
                reader.follow(next.worker).connected();
                WorkerRig.await("read by descriptor again", () -> {
                    DescriptorReader.read(open, object, 16L * MIB, MIB, "again");
                    return next.counter("hearth.worker.descriptors.given") > 0
                            && reader.bytesFrom("descriptor") > before;
                });
            }
        }
    }

    @Test
    void aSocketThatAKilledWorkerLeftIsReplacedAndAnythingElseIsLeftAlone() throws Exception {
        Path socket = home.resolve("run/worker.sock");
        Files.createDirectories(socket.getParent());
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        assertTrue(Files.exists(socket), "closing does not take it away");
        try (WorkerRig rig = new WorkerRig(home, Map.of("worker.socket-mode", "0660"));
                DescriptorReader reader = reader(rig).connected()) {
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            reader.sequential(FakeOrigin.object("a", MIB));
            assertEquals(MIB, reader.bytesFrom("descriptor"));
            Map<String, String> beside = Map.of(
                    "worker.directory",
                    home.resolve("second").toString(),
                    "worker.tiers",
                    "MEM:" + home.resolve("second-mem") + ":64MiB");
            try (WorkerRig second = new WorkerRig(home, beside)) {
                assertTrue(second.worker.ready(), "a second worker serves without the socket");
            }
            assertTrue(Files.exists(socket), "and does not take the first one's away");
        }
        assertTrue(Files.notExists(socket));
        Files.writeString(socket, "no socket");
        new WorkerRig(home, Map.of()).close();
        assertEquals("no socket", Files.readString(socket));
        Path tooLong = home.resolve("x".repeat(110)).resolve("worker.sock");
        new WorkerRig(home, Map.of("worker.socket", tooLong.toString())).close();
        assertTrue(Files.notExists(tooLong));
    }

    private DescriptorReader reader(WorkerRig rig) {
        return reader(rig, Map.of());
    }

    private DescriptorReader reader(WorkerRig rig, Map<String, String> overrides) {
        return new DescriptorReader(home, rig.origin, overrides).follow(rig.worker);
    }

    private static ObjectFile file(WorkerRig rig, ObjectRef object) {
        return rig.worker.store().find(object.id()).orElseThrow();
    }

    private Path data(ObjectRef object) throws Exception {
        try (Stream<Path> files = Files.walk(home)) {
            return files.filter(path -> path.getFileName().toString().equals(object.id() + ".data"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The flags with which this process has the object's file open. */
    private static Stream<Long> descriptorsOf(ObjectRef object) throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open
                    .filter(link -> {
                        try {
                            return Files.readSymbolicLink(link).toString().contains(object.id() + ".data");
                        } catch (IOException e) {
                            return false; // Closed since.
                        }
                    })
                    .map(link -> flags(link.getFileName().toString()))
                    .toList()
                    .stream();
        }
    }

    private static long flags(String number) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/fdinfo", number))) {
            String line =
                    lines.filter(text -> text.startsWith("flags:")).findFirst().orElseThrow();
            return Long.parseLong(line.substring("flags:".length()).strip(), 8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
