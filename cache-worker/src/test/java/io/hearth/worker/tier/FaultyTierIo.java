package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Plain files that stop for ever before or in the middle of the n-th change, or say that the disk is full or broken.
 */
public final class FaultyTierIo implements TierIo {
    /** The process died here. An error, so that no clean-up code mistakes it for a failed operation. */
    public static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    private final AtomicInteger hugeAsked = new AtomicInteger();
    private final FileTierIo files = new FileTierIo();
    private final Random random;
    private long changesLeft;
    private volatile boolean crashed;
    public volatile boolean diskFull;
    /** Everything below this fails with an I/O error. */
    public volatile Optional<Path> broken = Optional.empty();

    public FaultyTierIo(Random random, long changesBeforeCrash) {
        this.random = random;
        this.changesLeft = changesBeforeCrash;
    }

    /** Whether it stopped: nothing changes on disk any more. */
    public boolean crashed() {
        return crashed;
    }

    private synchronized boolean crashNow() {
        if (crashed) {
            throw new Crash();
        }
        crashed = changesLeft-- == 0;
        return crashed;
    }

    private void change() {
        if (crashNow()) {
            throw new Crash();
        }
    }

    private void needSpace() throws IOException {
        if (diskFull) {
            throw new IOException("No space left on device");
        }
    }

    private void needDisk(Path path) throws IOException {
        if (broken.filter(path::startsWith).isPresent()) {
            throw new IOException("Input/output error");
        }
    }

    @Override
    public Handle create(Path path) throws IOException {
        change();
        needSpace();
        needDisk(path);
        return new FaultyHandle(files.create(path), path);
    }

    @Override
    public Handle open(Path path) throws IOException {
        needDisk(path);
        return new FaultyHandle(files.open(path), path);
    }

    @Override
    public Handle openToRead(Path path) throws IOException {
        needDisk(path);
        return new FaultyHandle(files.openToRead(path), path);
    }

    @Override
    public Standing standing(Path path) throws IOException {
        needDisk(path);
        return files.standing(path);
    }

    @Override
    public void delete(Path path) throws IOException {
        change();
        needDisk(path);
        files.delete(path);
    }

    @Override
    public void punch(Path path, long offset, long length) throws IOException {
        needDisk(path);
        if (crashNow()) {
            files.punch(path, offset, random.nextLong(length) + 1);
            throw new Crash();
        }
        files.punch(path, offset, length);
    }

    /** How many blocks were to get huge pages. */
    int hugeAsked() {
        return hugeAsked.get();
    }

    /** No point of a crash: it changes no byte. */
    @Override
    public OptionalLong prepareHuge(Path path, long offset, long length) throws IOException {
        hugeAsked.incrementAndGet();
        needDisk(path);
        return files.prepareHuge(path, offset, length);
    }

    private final class FaultyHandle implements Handle {
        private final Handle file;
        private final Path path;

        FaultyHandle(Handle file, Path path) {
            this.file = file;
            this.path = path;
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            needDisk(path);
            if (crashNow()) {
                file.write(bytes.slice(bytes.position(), random.nextInt(bytes.remaining() + 1)), position);
                throw new Crash();
            }
            if (diskFull) {
                file.write(bytes.slice(bytes.position(), bytes.remaining() / 2), position);
                needSpace();
            }
            file.write(bytes, position);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            needDisk(path);
            return file.read(target, position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void resize(long sizeBytes) throws IOException {
            change();
            file.resize(sizeBytes);
        }

        @Override
        public FileChannel channel() {
            return file.channel();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
