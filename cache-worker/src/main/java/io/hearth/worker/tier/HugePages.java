package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Gives a part of a tmpfs file its memory in pages of 2 MiB before it is written, by {@code madvise(2)} with
 * MADV_COLLAPSE (Linux 6.1): that asks neither how the tmpfs was mounted nor what {@code shmem_enabled} says, but for
 * {@code deny}. It collapses pages that are there, so each huge one gets a small one first, by {@code fallocate(2)},
 * which changes no byte that was written.
 */
final class HugePages {
    /** Of x86-64, and of aarch64 with pages of 4 KiB; elsewhere they are larger than a block. */
    static final long BYTES = 2L << 20;

    private static final int MADV_COLLAPSE = 25;
    private static final int PROT_NONE = 0;
    private static final int PROT_READ = 1;
    private static final int MAP_SHARED_FIXED = 0x01 | 0x10;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x02 | 0x20;

    private HugePages() {}

    /**
     * Blocks for some 0.1 ms a huge page where the kernel has free ones.
     *
     * @param offset nothing is done if it is no multiple of {@link #BYTES}
     * @param length what is left over behind the last whole huge page stays as it is
     * @return whether the kernel did it; it may lack free huge pages now
     * @throws UnsupportedOperationException where the kernel or the file system knows no such thing
     */
    static boolean prepare(Path path, long offset, long length) throws IOException {
        long whole = length / BYTES * BYTES;
        if (whole == 0 || offset % BYTES != 0) {
            return false;
        }
        boolean[] done = new boolean[1];
        FileCalls.withFile(path, (calls, descriptor) -> {
            for (long at = offset; at < offset + whole; at += BYTES) {
                if (calls.fallocate(descriptor, FileCalls.KEEP_SIZE, at, 1) < 0) {
                    return;
                }
            }
            done[0] = collapse(calls, descriptor, offset, whole);
        });
        return done[0];
    }

    /** Maps the part where huge pages begin in memory as they do in the file. */
    private static boolean collapse(FileCalls.C calls, int descriptor, long offset, long length) {
        long room = length + BYTES;
        long reserved = calls.mmap(0, room, PROT_NONE, MAP_PRIVATE_ANONYMOUS, -1, 0, 0);
        if (reserved == -1) {
            return false;
        }
        try {
            long aligned = (reserved + BYTES - 1) / BYTES * BYTES;
            if (calls.mmap(aligned, length, PROT_READ, MAP_SHARED_FIXED, descriptor, offset, 0) == -1) {
                return false;
            }
            if (calls.madvise(aligned, length, MADV_COLLAPSE) == 0) {
                return true;
            }
            if (FileCalls.errno() == FileCalls.EINVAL) {
                throw new UnsupportedOperationException("the kernel makes no huge pages of its files");
            }
            return false;
        } finally {
            calls.munmap(reserved, room);
        }
    }
}
