package io.hearth.fuse.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.fuse.FuseErrno;
import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.FuseFileSystem.OpenReply;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PathViewTest {
    private static final Duration CACHE_FOR = Duration.ofMillis(250);

    private final OneFile file = new OneFile();
    private final AtomicLong nanos = new AtomicLong(1);

    /** Each look at the clock takes 10 ms. */
    private final PathView paths = new PathView(file, CACHE_FOR, () -> nanos.addAndGet(10_000_000), nanos::addAndGet);

    @Test
    void pagesAreKeptOnlyForTheSameObjectAndOnlyOnceAReaderWasSeen() {
        OpenReply first = paths.open("/f");
        assertFalse(first.keepCache());
        assertFalse(paths.open("/f").keepCache(), "the first opener may not have dropped the old pages yet");
        paths.reads(first.handle());
        assertTrue(paths.open("/f").keepCache());
    }

    @Test
    void aReplacedObjectShowsAfterTheLastReleaseAndTheKernelsTimeout() {
        OpenReply old = paths.open("/f");
        paths.reads(old.handle());
        file.replace(nanos.get());
        assertEquals(1, paths.open("/f").attributes().inode());
        assertEquals(1, paths.attributes("/f").inode(), "the size must be that of the bytes that are read");
        paths.release(old.handle());
        paths.release(file.lastHandle);
        long released = nanos.get();
        assertEquals(2, paths.attributes("/f").inode());
        OpenReply fresh = paths.open("/f");
        assertEquals(2, fresh.attributes().inode());
        assertFalse(fresh.keepCache());
        assertTrue(nanos.get() - released >= CACHE_FOR.toNanos(), "waited " + (nanos.get() - released) + " ns");
    }

    @Test
    void anObjectThatWasThereFromTheStartIsNotWaitedFor() {
        long before = nanos.get();
        paths.open("/f");
        assertTrue(nanos.get() - before < CACHE_FOR.toNanos());
    }

    /** {@code /f}, whose inode is the number of its version. */
    private static final class OneFile implements FuseFileSystem {
        private Attributes now = new Attributes(1, 7, false, 10, 0, 0);
        private long lastHandle;

        void replace(long atNanos) {
            now = new Attributes(now.inode() + 1, 7, false, 20, 0, atNanos);
        }

        @Override
        public Optional<Attributes> lookup(long parent, String name) {
            return Optional.of(now);
        }

        @Override
        public OpenReply open(long inode) {
            Attributes opened = inode == now.inode() ? now : new Attributes(inode, 7, false, 10, 0, 0);
            return new OpenReply(++lastHandle, opened, true);
        }

        @Override
        public void release(long handle) {}

        @Override
        public Attributes attributes(long inode) {
            throw FuseErrno.ESTALE.failure();
        }

        @Override
        public long openDirectory(long inode) {
            throw FuseErrno.ENOTDIR.failure();
        }

        @Override
        public List<DirectoryEntry> readDirectory(long handle, long offset, int limit) {
            return List.of();
        }

        @Override
        public void releaseDirectory(long handle) {}

        @Override
        public int read(long handle, long offset, ByteBuffer target) {
            return 0;
        }

        @Override
        public Attributes attributesOfHandle(long handle) {
            return now;
        }

        @Override
        public void watchNames(NameWatcher watcher) {}

        @Override
        public Totals totals() {
            return new Totals(1, 1, now.sizeBytes());
        }
    }
}
