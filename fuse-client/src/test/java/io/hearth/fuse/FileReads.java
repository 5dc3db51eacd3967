package io.hearth.fuse;

import io.hearth.client.FileTaker;
import io.hearth.client.ObjectReads;
import io.hearth.fuse.kernel.device.Libc;
import io.hearth.protocol.ObjectRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/** Objects whose bytes are the {@link Pattern} of their seed and lie in files, which may be cut short. */
final class FileReads implements ObjectReads {
    final AtomicInteger taken = new AtomicInteger();
    final AtomicInteger copied = new AtomicInteger();
    private final Libc libc = Libc.load();
    private final Path directory;

    /** How much of each object its file has. */
    volatile long fileBytesMax = Long.MAX_VALUE;

    FileReads(Path directory) {
        this.directory = directory;
    }

    private int file(ObjectRef object) {
        long seed = TestTree.seedOf(object.validator());
        long sizeBytes = Math.min(object.sizeBytes(), fileBytesMax);
        Path file = directory.resolve(seed + "-" + sizeBytes);
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
        return new OpenObject() {
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
