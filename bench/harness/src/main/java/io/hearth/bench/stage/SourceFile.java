package io.hearth.bench.stage;

import io.hearth.protocol.Digests;
import io.hearth.testing.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * A file of noise that is an object of a bucket, and what its bytes are.
 *
 * @param bucket a directory of the origin's
 * @param crc32c of all bytes: compared in every timed read
 * @param sha256 of all bytes, in hexadecimal: compared outside of timed reads
 */
public record SourceFile(String bucket, String key, long sizeBytes, long crc32c, String sha256) {
    private static final int PIECE_BYTES = 1 << 20;

    /** An object whose bytes are computed where they are asked for. */
    public static SourceFile of(String bucket, String key, Content content) {
        CRC32C crc = new CRC32C();
        MessageDigest sha256 = Digests.sha256();
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        for (long offset = 0; offset < content.sizeBytes(); offset += piece.limit()) {
            piece.clear().limit((int) Math.min(PIECE_BYTES, content.sizeBytes() - offset));
            content.read(offset, piece);
            crc.update(piece.flip());
            sha256.update(piece.flip());
        }
        return new SourceFile(
                bucket, key, content.sizeBytes(), crc.getValue(), HexFormat.of().formatHex(sha256.digest()));
    }

    /** Writes the file into the directory of an origin. */
    public static SourceFile write(Path originDirectory, String bucket, String key, long seed, long sizeBytes)
            throws IOException {
        Path file = Files.createDirectories(originDirectory.resolve(bucket)).resolve(key);
        CRC32C crc = new CRC32C();
        MessageDigest sha256 = Digests.sha256();
        Content content = Content.noise(seed, sizeBytes);
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long offset = 0; offset < sizeBytes; offset += piece.limit()) {
                piece.clear().limit((int) Math.min(PIECE_BYTES, sizeBytes - offset));
                content.read(offset, piece);
                crc.update(piece.flip());
                sha256.update(piece.flip());
                piece.flip();
                while (piece.hasRemaining()) {
                    out.write(piece);
                }
            }
        }
        return new SourceFile(
                bucket, key, sizeBytes, crc.getValue(), HexFormat.of().formatHex(sha256.digest()));
    }
}
