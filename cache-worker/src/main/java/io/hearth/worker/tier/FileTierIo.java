package io.hearth.worker.tier;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.OptionalLong;

/**
 * Plain files. {@link RandomAccessFile} because only its {@code setLength} is an {@code ftruncate} that makes holes.
 */
public final class FileTierIo implements TierIo {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @Override
    public Handle create(Path path) throws IOException {
        if (Files.exists(path)) {
            throw new FileAlreadyExistsException(path.toString());
        }
        return new FileHandle(new RandomAccessFile(path.toFile(), "rw"));
    }

    @Override
    public Handle open(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        return new FileHandle(new RandomAccessFile(path.toFile(), "rw"));
    }

    @Override
    public Handle openToRead(Path path) throws IOException {
        return new FileHandle(new RandomAccessFile(path.toFile(), "r"));
    }

    @Override
    public Standing standing(Path path) throws IOException {
        BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
        return new Standing(found.size(), found.lastModifiedTime().toMillis());
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void punch(Path path, long offset, long length) throws IOException {
        Punch.hole(path, offset, length);
    }

    @Override
    public OptionalLong prepareHuge(Path path, long offset, long length) throws IOException {
        long begunNanos = THREADS.getCurrentThreadCpuTime();
        return HugePages.prepare(path, offset, length)
                ? OptionalLong.of(THREADS.getCurrentThreadCpuTime() - begunNanos)
                : OptionalLong.empty();
    }

    private record FileHandle(RandomAccessFile file) implements Handle {
        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            long at = position;
            while (bytes.hasRemaining()) {
                at += file.getChannel().write(bytes, at);
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            int start = target.position();
            while (target.hasRemaining()) {
                int count = file.getChannel().read(target, position + target.position() - start);
                if (count < 0) {
                    break;
                }
            }
            return target.position() - start;
        }

        @Override
        public long size() throws IOException {
            return file.length();
        }

        @Override
        public void resize(long sizeBytes) throws IOException {
            file.setLength(sizeBytes);
        }

        @Override
        public FileChannel channel() {
            return file.getChannel();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
