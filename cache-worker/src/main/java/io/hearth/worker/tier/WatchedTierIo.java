package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Tells of every failed operation, and passes all else through. */
final class WatchedTierIo implements TierIo {
    private final TierIo io;
    private final Consumer<IOException> failed;

    /** @param failed called by the thread that failed; must be quick */
    WatchedTierIo(TierIo io, Consumer<IOException> failed) {
        this.io = io;
        this.failed = failed;
    }

    private interface Operation<T> {
        T run() throws IOException;
    }

    private <T> T watch(Operation<T> operation) throws IOException {
        try {
            return operation.run();
        } catch (IOException e) {
            failed.accept(e);
            throw e;
        }
    }

    @Override
    public Handle create(Path path) throws IOException {
        return new WatchedHandle(watch(() -> io.create(path)));
    }

    @Override
    public Handle open(Path path) throws IOException {
        return new WatchedHandle(watch(() -> io.open(path)));
    }

    @Override
    public Handle openToRead(Path path) throws IOException {
        return new WatchedHandle(watch(() -> io.openToRead(path)));
    }

    @Override
    public Standing standing(Path path) throws IOException {
        return watch(() -> io.standing(path));
    }

    @Override
    public void delete(Path path) throws IOException {
        watch(() -> {
            io.delete(path);
            return path;
        });
    }

    @Override
    public void punch(Path path, long offset, long length) throws IOException {
        watch(() -> {
            io.punch(path, offset, length);
            return path;
        });
    }

    /** Memory that is short says nothing about the disk. */
    @Override
    public OptionalLong prepareHuge(Path path, long offset, long length) throws IOException {
        return io.prepareHuge(path, offset, length);
    }

    private final class WatchedHandle implements Handle {
        private final Handle file;

        WatchedHandle(Handle file) {
            this.file = file;
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            watch(() -> {
                file.write(bytes, position);
                return file;
            });
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return watch(() -> file.read(target, position));
        }

        @Override
        public long size() throws IOException {
            return watch(file::size);
        }

        @Override
        public void resize(long sizeBytes) throws IOException {
            watch(() -> {
                file.resize(sizeBytes);
                return file;
            });
        }

        @Override
        public FileChannel channel() {
            return file.channel();
        }

        @Override
        public void close() throws IOException {
            watch(() -> {
                file.close();
                return file;
            });
        }
    }
}
