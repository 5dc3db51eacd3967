package io.hearth.worker.integrity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.ObjectChecksum.Algorithm;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksumsTest {
    private final long seed = Long.getLong("hearth.test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void theCrcOfTheWholeIsThatOfItsPiecesWhateverTheyAre() {
        for (int plan = 0; plan < 2000; plan++) {
            byte[] whole = new byte[random.nextInt(3000)];
            random.nextBytes(whole);
            CrcCombination combined = new CrcCombination();
            int usual = 1 + random.nextInt(400);
            for (int at = 0; at < whole.length; ) {
                int length = Math.min(random.nextInt(4) > 0 ? usual : random.nextInt(500), whole.length - at);
                combined.append(crc(whole, at, length), length);
                at += length;
            }
            assertEquals(crc(whole, 0, whole.length), combined.value(), "seed " + seed + " plan " + plan);
        }
    }

    @Test
    void piecesBeyondFourGibibytesCombine() {
        byte[] zeros = new byte[1 << 16];
        CrcCombination byPieces = new CrcCombination();
        for (long at = 0; at < 5L << 30; at += zeros.length) {
            byPieces.append(crc(zeros, 0, zeros.length), zeros.length);
        }
        CrcCombination halves = new CrcCombination();
        int half = crcOfZeros(5L << 29, zeros);
        halves.append(half, 5L << 29);
        halves.append(half, 5L << 29);
        assertEquals(byPieces.value(), halves.value());
    }

    private static int crcOfZeros(long bytes, byte[] zeros) {
        CRC32C crc = new CRC32C();
        for (long at = 0; at < bytes; at += zeros.length) {
            crc.update(zeros);
        }
        return (int) crc.getValue();
    }

    /** The check values of the catalogue of parametrised CRC algorithms, and those of the digests' standards. */
    @ParameterizedTest
    @CsvSource({
        "CRC32C, e3069283",
        "CRC32, cbf43926",
        "CRC64NVME, ae8b14860a799888",
        "MD5, 25f9e794323b453885f5181f1b624d0b",
        "SHA1, f7c3bc1d808e04732adf679965ccc34ca7ae3441",
        "SHA256, 15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
    })
    void digestsAreTheStandards(Algorithm algorithm, String expected) {
        WholeDigest digest = WholeDigest.of(algorithm);
        digest.update().accept(ByteBuffer.wrap("123456789".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(expected, HexFormat.of().formatHex(digest.value().get()));
    }

    @ParameterizedTest
    @CsvSource({"CRC32C", "CRC32", "CRC64NVME", "MD5", "SHA1", "SHA256"})
    void digestsDoNotDependOnHowTheBytesCome(Algorithm algorithm) {
        byte[] bytes = new byte[10_000];
        random.nextBytes(bytes);
        WholeDigest atOnce = WholeDigest.of(algorithm);
        atOnce.update().accept(ByteBuffer.wrap(bytes));
        WholeDigest inPieces = WholeDigest.of(algorithm);
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(random.nextInt(90), bytes.length - at);
            ByteBuffer direct = ByteBuffer.allocateDirect(length);
            inPieces.update().accept(direct.put(bytes, at, length).flip());
            at += length;
        }
        assertArrayEquals(atOnce.value().get(), inPieces.value().get(), "seed " + seed);
    }

    @Test
    void aPaceNeverRunsAheadAndSavesNothingUp() {
        long[] now = {random.nextLong()};
        int rate = 1000;
        Pace pace = new Pace(rate, () -> now[0]);
        long begun = now[0];
        long bytes = 0;
        for (int i = 0; i < 10_000; i++) {
            int piece = 1 + random.nextInt(500);
            long wait = pace.waitNanos(piece);
            assertTrue(wait >= 0);
            now[0] += wait;
            if (random.nextInt(50) == 0) {
                now[0] += random.nextInt(2_000_000_000);
                begun = now[0];
                bytes = 0;
                pace.waitNanos(0);
            } else {
                // This piece begins now; those before it are within the rate.
                assertTrue(
                        bytes <= (now[0] - begun) / 1e9 * rate + 501,
                        "seed " + seed + ": " + bytes + " bytes in " + (now[0] - begun) + " ns");
                bytes += piece;
            }
        }
    }

    private static int crc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
