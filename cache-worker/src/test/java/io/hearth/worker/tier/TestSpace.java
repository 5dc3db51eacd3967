package io.hearth.worker.tier;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** File systems of a tebibyte each; those named are full but for the given bytes. Thread-safe. */
final class TestSpace implements FreeSpace {
    private static final long TOTAL_BYTES = 1L << 40;

    final Set<Path> scarce = ConcurrentHashMap.newKeySet();
    volatile long scarceBytes;

    @Override
    public long freeBytes(Path directory) {
        return scarce.contains(directory) ? scarceBytes : TOTAL_BYTES;
    }

    @Override
    public long totalBytes(Path directory) {
        return TOTAL_BYTES;
    }
}
