package io.hearth.bench.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The machine's memory that nobody uses. */
public final class FreeMemory {
    private static final int CALL_BYTES = 1 << 20;

    private FreeMemory() {}

    /**
     * Uses so much of it once and lets it go. The host of a virtual machine may have taken free memory back, and gives it again
     * where it is used: 2.5 s of processor time a GiB that are no merit nor fault of the system that happens to be measured.
     *
     * @param directory in memory
     */
    public static void touch(Path directory, long bytes) throws IOException {
        Path file = Files.createTempFile(directory, "free", "");
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(CALL_BYTES);
            for (long written = 0; written < bytes; ) {
                zeros.clear().limit((int) Math.min(CALL_BYTES, bytes - written));
                written += out.write(zeros);
            }
        } finally {
            Files.delete(file);
        }
    }
}
