package io.hearth.fuse;

import io.hearth.client.FileTaker;
import io.hearth.client.FileWatcher;
import io.hearth.client.ObjectReads;
import io.hearth.client.WholeFile;
import io.hearth.fuse.kernel.device.Libc;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/** Objects whose bytes are the {@link Pattern} of their seed and lie in files, which may be cut short. */
final class FileReads implements ObjectReads {
    final AtomicInteger taken = new AtomicInteger();
    final AtomicInteger copied = new AtomicInteger();
    private final Libc libc = Libc.load();
    /** Where files are made, or looked for, from now on. */
    volatile Path directory;

    final AtomicInteger held = new AtomicInteger();
    final AtomicInteger wholeAsked = new AtomicInteger();
    private final Set<AtomicBoolean> current = ConcurrentHashMap.newKeySet();
    private final Set<ObjectId> opened = ConcurrentHashMap.newKeySet();
    private volatile FileWatcher watcher = (object, whole) -> {};
    private volatile boolean whole;
    private volatile int life;

    /** How much of each object its file has. */
    volatile long fileBytesMax = Long.MAX_VALUE;

    /** From now on, files count as whole, or do not; nobody is told. */
    void whole(boolean now) {
        whole = now;
    }

    /** Files are whole by now. */
    void becomeWhole() {
        whole = true;
        opened.forEach(id -> watcher.changed(id, true));
    }

    /** All files lose their names; who holds one is asked to let go. */
    synchronized void evict(boolean wholeAgain) {
        life++;
        whole = wholeAgain;
        current.forEach(hold -> hold.set(false));
        try (Stream<Path> all = Files.list(directory)) {
            for (Path old : all.toList()) {
                if (!old.getFileName().toString().startsWith(life + "-")) {
                    Files.delete(old);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        opened.forEach(id -> watcher.changed(id, false));
    }

    @Override
    public void watch(FileWatcher next) {
        watcher = next;
    }

    private Optional<WholeFile> hold(ObjectRef object) {
        wholeAsked.incrementAndGet();
        if (!whole) {
            return Optional.empty();
        }
        AtomicBoolean now = new AtomicBoolean(true);
        current.add(now);
        int descriptor = file(object);
        held.incrementAndGet();
        return Optional.of(new WholeFile() {
            private final AtomicBoolean over = new AtomicBoolean();

            @Override
            public int descriptor() {
                return descriptor;
            }

            @Override
            public boolean current() {
                return now.get();
            }

            @Override
            public int keep(IntSupplier device, Duration bound) {
                return -1; // Nobody here may.
            }

            @Override
            public void close() {
                if (over.compareAndSet(false, true)) {
                    current.remove(now);
                    libc.close(descriptor);
                    held.decrementAndGet();
                }
            }
        });
    }

    FileReads(Path directory) {
        this.directory = directory;
    }

    private synchronized int file(ObjectRef object) {
        long seed = TestTree.seedOf(object.validator());
        long sizeBytes = Math.min(object.sizeBytes(), fileBytesMax);
        Path file = directory.resolve(life + "-" + seed + "-" + sizeBytes);
        try {
            if (!Files.exists(file)) {
                try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    for (long at = 0; at < sizeBytes; at += 1 << 20) {
                        out.write(ByteBuffer.wrap(Pattern.bytes(seed, at, (int) Math.min(1 << 20, sizeBytes - at))));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return libc.open(file.toString(), 0);
    }

    @Override
    public OpenObject open(ObjectRef object) {
        int descriptor = file(object);
        opened.add(object.id());
        return new OpenObject() {
            @Override
            public Optional<WholeFile> whole(Duration bound) {
                return hold(object);
            }

            @Override
            public boolean hasFile() {
                return true;
            }

            @Override
            public int read(long offset, ByteBuffer target) {
                return read(offset, target, FileTaker.NONE);
            }

            @Override
            public int read(long offset, ByteBuffer target, FileTaker taker) {
                int length = (int) Math.min(target.remaining(), object.sizeBytes() - offset);
                if (taker.take(descriptor, offset, length)) {
                    taken.incrementAndGet();
                } else {
                    copied.incrementAndGet();
                    Pattern.fill(
                            TestTree.seedOf(object.validator()),
                            offset,
                            target.slice().limit(length));
                }
                return length;
            }

            @Override
            public void close() {
                libc.close(descriptor);
            }
        };
    }

    @Override
    public void close() {}
}
