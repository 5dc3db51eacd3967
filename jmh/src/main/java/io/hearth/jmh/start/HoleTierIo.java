package io.hearth.jmh.start;

import io.hearth.worker.tier.FileTierIo;
import io.hearth.worker.tier.TierIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Plain files whose data files stay holes of full length, so that 1 TiB of objects fits any disk; the logs are real.
 */
final class HoleTierIo implements TierIo {
    private final TierIo files = new FileTierIo();

    @Override
    public Handle create(Path path) throws IOException {
        Handle file = files.create(path);
        return path.toString().endsWith(".data") ? new Hole(file) : file;
    }

    @Override
    public Handle open(Path path) throws IOException {
        return files.open(path);
    }

    @Override
    public Handle openToRead(Path path) throws IOException {
        return files.openToRead(path);
    }

    @Override
    public Standing standing(Path path) throws IOException {
        return files.standing(path);
    }

    @Override
    public void delete(Path path) throws IOException {
        files.delete(path);
    }

    @Override
    public void punch(Path path, long offset, long length) throws IOException {
        files.punch(path, offset, length);
    }

    @Override
    public OptionalLong prepareHuge(Path path, long offset, long length) {
        return OptionalLong.empty();
    }

    private record Hole(Handle file) implements Handle {
        @Override
        public void write(ByteBuffer bytes, long position) {
            bytes.position(bytes.limit());
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void resize(long sizeBytes) throws IOException {
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
