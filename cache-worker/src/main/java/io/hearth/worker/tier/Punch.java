package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.file.Path;

/** Frees a part of a file by {@code fallocate(2)} with FALLOC_FL_PUNCH_HOLE. */
final class Punch {
    /** FALLOC_FL_PUNCH_HOLE of linux/falloc.h. */
    private static final int PUNCH_HOLE = 0x02;

    private Punch() {}

    /** @throws UnsupportedOperationException where the file system has no holes, or native code cannot be loaded */
    static void hole(Path path, long offset, long length) throws IOException {
        FileCalls.withFile(path, (calls, descriptor) -> {
            int result;
            do {
                result = calls.fallocate(descriptor, FileCalls.KEEP_SIZE | PUNCH_HOLE, offset, length);
            } while (result < 0 && FileCalls.errno() == FileCalls.EINTR);
            if (result < 0) {
                throw FileCalls.failed(path);
            }
        });
    }
}
