package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.ObjectReads;
import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.FuseFileSystem.DirectoryEntry;
import io.hearth.fuse.FuseFileSystem.OpenReply;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DatasetFileSystemTest {
    private static final int OPEN_MAX = 16;

    private final MemoryReads reads = new MemoryReads();
    private final DatasetFileSystem fileSystem =
            fileSystem(new TestTree().file("d/a", 5000, 1).file("d/b", 10, 2).file("c", 0, 3), reads);

    private static DatasetFileSystem fileSystem(TestTree tree, ObjectReads reads) {
        return new DatasetFileSystem(
                tree.build(), reads, OPEN_MAX, new MountMetrics(new SimpleMeterRegistry()), System::nanoTime);
    }

    @Test
    void anOpenHandleKeepsItsObjectWhenTheTreeIsSwitched() {
        long old = at("d", "a").inode();
        OpenReply reply = fileSystem.open(old);
        fileSystem.switchTo(new TestTree().file("d/a", 7, 9).build(Optional.of(fileSystem.tree())));

        assertEquals(ByteBuffer.wrap(Pattern.bytes(1, 4000, 1000)), read(reply.handle(), 4000, 4096));
        assertEquals(5000, fileSystem.attributes(old).sizeBytes());
        assertEquals(7, at("d", "a").sizeBytes());
        assertEquals(5000, fileSystem.attributesOfHandle(reply.handle()).sizeBytes());

        fileSystem.release(reply.handle());
        fileSystem.release(reply.handle());
        assertRefused(FuseErrno.ESTALE, () -> fileSystem.attributes(old));
        assertRefused(FuseErrno.ESTALE, () -> fileSystem.open(old));
        assertRefused(FuseErrno.EBADF, () -> read(reply.handle(), 0, 1));
        assertEquals(0, reads.open.get());
    }

    @Test
    void listingsGoByOffsetAndStayAsTheyWereAtTheirOpening() {
        Attributes directory = at("d");
        long handle = fileSystem.openDirectory(directory.inode());
        fileSystem.switchTo(new TestTree().file("z", 1, 1).build());
        assertEquals(
                directory.displayInode(),
                fileSystem.attributes(directory.inode()).displayInode());
        DirectoryEntry gone = fileSystem.readDirectory(handle, 0, 1).get(0);
        assertEquals(Optional.empty(), fileSystem.current(handle, directory.inode(), gone));
        assertEquals(List.of("a"), names(fileSystem.readDirectory(handle, 0, 1)));
        assertEquals(List.of("b"), names(fileSystem.readDirectory(handle, 1, 5)));
        assertEquals(List.of(), names(fileSystem.readDirectory(handle, 2, 5)));
        fileSystem.releaseDirectory(handle);
        assertRefused(FuseErrno.EBADF, () -> fileSystem.readDirectory(handle, 0, 1));
        assertRefused(FuseErrno.ESTALE, () -> fileSystem.attributes(directory.inode()));
    }

    @Test
    void refusalsAreThoseOfPosix() {
        assertRefused(FuseErrno.EISDIR, () -> fileSystem.open(FuseFileSystem.ROOT));
        assertRefused(FuseErrno.ENOTDIR, () -> fileSystem.lookup(at("c").inode(), "x"));
        assertRefused(FuseErrno.ENOTDIR, () -> fileSystem.openDirectory(at("c").inode()));
        assertRefused(FuseErrno.ESTALE, () -> fileSystem.lookup(12345, "x"));
        assertTrue(fileSystem.lookup(FuseFileSystem.ROOT, "nothing").isEmpty());
        assertTrue(fileSystem.lookup(FuseFileSystem.ROOT, "文".repeat(85)).isEmpty());
        assertRefused(FuseErrno.ENAMETOOLONG, () -> fileSystem.lookup(FuseFileSystem.ROOT, "文".repeat(85) + "x"));
        long file = at("c").inode();
        for (int i = 0; i < OPEN_MAX; i++) {
            fileSystem.open(file);
        }
        assertRefused(FuseErrno.ENFILE, () -> fileSystem.open(file));
        assertRefused(FuseErrno.ENFILE, () -> fileSystem.openDirectory(FuseFileSystem.ROOT));
    }

    @Test
    void readsEndAtTheEnd() {
        long handle = fileSystem.open(at("d", "b").inode()).handle();
        assertEquals(ByteBuffer.wrap(Pattern.bytes(2, 8, 2)), read(handle, 8, 100));
        assertEquals(0, read(handle, 10, 100).remaining());
        assertEquals(0, read(handle, Long.MAX_VALUE, 100).remaining());
        assertEquals(0, read(fileSystem.open(at("c").inode()).handle(), 0, 10).remaining());
    }

    @Test
    void anAnswerThatEndsTooSoonIsAnErrorNotZeros() {
        DatasetFileSystem broken = fileSystem(new TestTree().file("a", 100, 1), new ShortReads());
        long handle = broken.open(
                        broken.lookup(FuseFileSystem.ROOT, "a").orElseThrow().inode())
                .handle();
        assertRefused(FuseErrno.EIO, () -> broken.read(handle, 0, ByteBuffer.allocate(100)));
    }

    @Test
    void failuresOfTheReadPathKeepTheirErrno() {
        assertEquals(116, FuseErrno.of(new HearthException(FailureKind.STALE, "gone")));
        assertEquals(110, FuseErrno.of(new HearthException(FailureKind.TIMEOUT, "late")));
        assertEquals(5, FuseErrno.of(new IllegalStateException()));
        assertEquals(30, FuseErrno.of(FuseErrno.EROFS.failure()));
    }

    private ByteBuffer read(long handle, long offset, int length) {
        ByteBuffer target = ByteBuffer.allocate(length);
        int read = fileSystem.read(handle, offset, target);
        return ByteBuffer.wrap(target.array(), 0, read);
    }

    private Attributes at(String... names) {
        Attributes node = fileSystem.attributes(FuseFileSystem.ROOT);
        for (String name : names) {
            node = fileSystem.lookup(node.inode(), name).orElseThrow();
        }
        return node;
    }

    private static List<String> names(List<DirectoryEntry> entries) {
        return entries.stream().map(DirectoryEntry::name).toList();
    }

    private static void assertRefused(FuseErrno errno, Runnable call) {
        assertEquals(errno, assertThrows(FuseFailure.class, call::run).errno());
    }

    /** Ends every object one byte too soon. */
    private static final class ShortReads implements ObjectReads {
        @Override
        public OpenObject open(ObjectRef object) {
            return new OpenObject() {
                @Override
                public int read(long offset, ByteBuffer target) {
                    return target.remaining() - 1;
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void close() {}
    }
}
