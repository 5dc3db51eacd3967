package io.hearth.worker.descriptor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.protocol.HearthException;
import io.hearth.worker.FakeOrigin;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.FileTierIo;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.TierStore;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user who serves a mount of his own can do with the id of a tier's file: read it, and nothing else. */
class HostileMountTest {
    private static final int BYTES = 64 << 10;
    private static final int USER = 1000;

    @TempDir
    Path directory;

    private TierStore store;
    private ObjectFile file;
    private HostileMount mount;

    @BeforeEach
    void mount() throws Exception {
        assumeTrue(Epoll.isAvailable(), "there is no epoll");
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "there is no /dev/fuse, or only others may open it");
        assumeTrue(KernelKeeper.mayAsk(Path.of("/proc/self")), "only root may");
        assumeTrue(run("python3", "-c", "import os; os.splice").isPresent(), "there is no python3 of 3.10 or later");
        store = TierStore.open(
                List.of(new TierSpec(Medium.SSD, directory.resolve("tier"), 1 << 20)),
                TierEnvironment.of(new FileTierIo(), TierEvents.NONE, Runnable::run, Clock.systemUTC(), 10, 1000),
                () -> EvictionChoice.S3_FIFO.policy(100));
        var object = FakeOrigin.object("a", BYTES);
        file = store.holdOrCreate(object, object.id(), "default").orElseThrow();
        file.channel().write(ByteBuffer.wrap(content()), 0);
        mount = new HostileMount(Files.createDirectory(directory.resolve("mount")), BYTES);
    }

    @AfterEach
    void unmount() throws IOException {
        if (mount != null) {
            mount.close();
        }
        if (store != null) {
            file.release();
            store.close();
        }
    }

    @Test
    void aFileThatIsKeptCanBeReadAndInNoWayBeChanged() throws Exception {
        try (MountedViews views = new MountedViews(store.tiers())) {
            PeerFiles peer = peer(views);
            mount.answer(idOf(peer));
            assertArrayEquals(content(), readThroughMount());
            Map<String, Object> before = state();
            Map<String, String> took = ways();
            assertEquals(before, state(), "the tier's file, after " + took);
            assertArrayEquals(content(), Files.readAllBytes(file.dataPath()), "the tier's bytes, after " + took);
            assertEquals("ok", took.get("open read"));
            for (String open : List.of("read-write", "write", "truncate", "append", "direct", "create", "sync")) {
                assertEquals("EIO", took.get("open " + open), "the kernel's word for EROFS here");
            }
            peer.end();
        }
    }

    /** The ways do work: without the read-only mount each of these changes the file. */
    @Test
    void aFileThatIsKeptOtherwiseIsTheUsersToWrite() throws Exception {
        TierViews careless = open -> ReadOnlyDescriptor.of(open.channel());
        PeerFiles peer = peer(careless);
        mount.answer(idOf(peer));
        Map<String, String> took = ways();
        assertFalse(Arrays.equals(content(), Files.readAllBytes(file.dataPath())));
        for (String way : List.of("pwrite", "pwritev", "write", "splice", "sendfile", "mmap", "mprotect")) {
            assertEquals("ok", took.get("read-write " + way), way);
        }
        peer.end();
    }

    @Test
    void aFileThatLeftItsTierIsNotTakenForItsSuccessor() throws Exception {
        try (MountedViews views = new MountedViews(store.tiers())) {
            views.open(file).close();
            store.evict(Set.of(file.id()));
            assertThrows(HearthException.class, () -> views.open(file));
            ObjectFile next =
                    store.holdOrCreate(file.object(), file.id(), "default").orElseThrow();
            assertThrows(HearthException.class, () -> views.open(file), "of the same name");
            views.open(next).close();
            next.release();
        }
    }

    @Test
    void whatIsOpenedThroughTheMountIsNotOpenedForWritingAgainAndNothingIsOpenedAfterTheEnd() throws Exception {
        Path data = directory.resolve("tier").relativize(file.dataPath());
        ReadOnlyMount tier = ReadOnlyMount.of(directory.resolve("tier"));
        try (ReadOnlyDescriptor open = tier.open(data)) {
            assertTrue(open.isSameAs(file.channel()));
            Path again = Path.of("/proc/self/fd/" + open.number());
            assertThrows(
                    IOException.class,
                    () -> FileChannel.open(again, StandardOpenOption.WRITE).close());
        } finally {
            tier.close();
        }
        tier.close();
        assertThrows(HearthException.class, () -> tier.open(data));
        assertThrows(HearthException.class, () -> ReadOnlyMount.of(directory.resolve("gone")));
    }

    private PeerFiles peer(TierViews views) throws IOException {
        PeerFiles peer = new KernelKeeper(new DeviceBacking(), Optional.of(views), new KeepSettings(5))
                .peer(USER, PeerLife.UNKNOWN);
        peer.device(new FileDescriptor(mount.device()) {
            @Override
            public void close() {
                // The mount's own.
            }
        });
        return peer;
    }

    private int idOf(PeerFiles peer) throws Exception {
        // Answered once kernel and mount have agreed on what the mount may ask for.
        assertTrue(run("stat", target()).isPresent());
        int id = peer.keep(1, file);
        assumeTrue(id != -95 && id != -25, "the kernel reads no files itself (Linux 6.9)");
        assertTrue(id > 0, "errno " + -id);
        return id;
    }

    private Map<String, Object> state() throws IOException {
        return Files.readAttributes(file.dataPath(), "unix:ino,size,mode,uid,nlink,ctime,lastModifiedTime");
    }

    private Map<String, String> ways() throws Exception {
        Path script =
                Path.of(HostileMountTest.class.getResource("ways-to-write.py").toURI());
        return run("python3", script.toString(), target())
                .orElseThrow()
                .lines()
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.lastIndexOf(' ')),
                        line -> line.substring(line.lastIndexOf(' ') + 1)));
    }

    private byte[] readThroughMount() throws Exception {
        Path copy = directory.resolve("copy");
        run("cp", target(), copy.toString()).orElseThrow();
        return Files.readAllBytes(copy);
    }

    private String target() {
        return directory.resolve("mount").resolve(HostileMount.NAME).toString();
    }

    private static byte[] content() {
        return FakeOrigin.expected(FakeOrigin.object("a", BYTES), 0, BYTES);
    }

    /** What a process of its own prints; empty if it fails. Ended after a while: it may hang in the mount. */
    private Optional<String> run(String... command) throws Exception {
        Path out = directory.resolve("out");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
        } catch (IOException e) {
            return Optional.empty();
        }
        if (!process.waitFor(40, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("hangs: " + List.of(command) + "\n" + Files.readString(out));
        }
        return process.exitValue() == 0 ? Optional.of(Files.readString(out)) : Optional.empty();
    }
}
