package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Plain files that count what is done to them. */
public class CountingTierIo implements TierIo {
    private final TierIo files = new FileTierIo();
    private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();

    /** How often each operation was asked for, by name; those that never were are missing. */
    public Map<String, Integer> counts() {
        Map<String, Integer> now = new TreeMap<>();
        counts.forEach((operation, count) -> now.put(operation, count.get()));
        return now;
    }

    private void count(String operation) {
        counts.computeIfAbsent(operation, name -> new AtomicInteger()).incrementAndGet();
    }

    @Override
    public Handle create(Path path) throws IOException {
        count("create");
        return new CountingHandle(files.create(path));
    }

    @Override
    public Handle open(Path path) throws IOException {
        count("open");
        return new CountingHandle(files.open(path));
    }

    @Override
    public Handle openToRead(Path path) throws IOException {
        count("openToRead");
        return new CountingHandle(files.openToRead(path));
    }

    @Override
    public Standing standing(Path path) throws IOException {
        count("standing");
        return files.standing(path);
    }

    @Override
    public void delete(Path path) throws IOException {
        count("delete");
        files.delete(path);
    }

    @Override
    public void punch(Path path, long offset, long length) throws IOException {
        count("punch");
        files.punch(path, offset, length);
    }

    @Override
    public OptionalLong prepareHuge(Path path, long offset, long length) throws IOException {
        count("prepareHuge");
        return files.prepareHuge(path, offset, length);
    }

    private final class CountingHandle implements Handle {
        private final Handle file;

        CountingHandle(Handle file) {
            this.file = file;
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            count("write");
            file.write(bytes, position);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            count("read");
            return file.read(target, position);
        }

        @Override
        public long size() throws IOException {
            count("size");
            return file.size();
        }

        @Override
        public void resize(long sizeBytes) throws IOException {
            count("resize");
            file.resize(sizeBytes);
        }

        @Override
        public FileChannel channel() {
            return file.channel();
        }

        @Override
        public void close() throws IOException {
            count("close");
            file.close();
        }
    }
}
