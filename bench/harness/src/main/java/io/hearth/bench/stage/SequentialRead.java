package io.hearth.bench.stage;

import io.hearth.protocol.Digests;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** Reads a file from its first byte to its last by {@code read} calls of 1 MiB, as a loader does. */
public final class SequentialRead {
    private static final int CALL_BYTES = 1 << 20;

    private SequentialRead() {}

    /**
     * Opens and reads the file, and compares its CRC32C on the way (10 GB/s a core: the same small cost for every
     * system).
     *
     * @return bytes a second, the open included
     * @throws HearthException where the bytes are not those of {@code source}
     */
    public static double timed(Path file, SourceFile source) throws IOException {
        CRC32C crc = new CRC32C();
        long start = System.nanoTime();
        long bytes = read(file, crc::update);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (bytes != source.sizeBytes() || crc.getValue() != source.crc32c()) {
            throw wrong(file, bytes + " bytes");
        }
        return bytes / seconds;
    }

    /** Reads the file and compares its SHA-256. */
    public static void compare(Path file, SourceFile source) throws IOException {
        MessageDigest sha256 = Digests.sha256();
        long bytes = read(file, sha256::update);
        String digest = HexFormat.of().formatHex(sha256.digest());
        if (!digest.equals(source.sha256())) {
            throw wrong(file, bytes + " bytes with SHA-256 " + digest);
        }
    }

    private static HearthException wrong(Path file, String got) {
        return new HearthException(FailureKind.CORRUPT, file + " has other bytes than the source: " + got);
    }

    private interface Taker {
        void take(ByteBuffer bytes);
    }

    private static long read(Path file, Taker taker) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(CALL_BYTES);
        long bytes = 0;
        try (FileChannel in = FileChannel.open(file)) {
            while (in.read(piece.clear()) >= 0) {
                bytes += piece.position();
                taker.take(piece.flip());
            }
        }
        return bytes;
    }
}
