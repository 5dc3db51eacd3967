package io.hearth.protocol.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.wire.ResidencyReport.HeldObject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

class ResidencyReportTest {
    private static final ResidencyReport REPORT = new ResidencyReport(
            "worker-1",
            3,
            17,
            true,
            List.of(new HeldObject(
                    ObjectId.of(new byte[32]), "MEM", 70_000L << 20, RoaringBitmap.bitmapOf(0, 5, 70_000))));

    @Test
    void aReportSurvivesTheWire() {
        assertEquals(REPORT, ResidencyReport.decode(REPORT.encode()));
    }

    @Test
    void aReportOfALaterVersionIsRefusedInWords() {
        byte[] bytes = REPORT.encode();
        bytes[5] = 9;
        HearthException refused = assertThrows(HearthException.class, () -> ResidencyReport.decode(bytes));
        assertEquals(FailureKind.UNSUPPORTED_VERSION, refused.kind());
        assertTrue(refused.getMessage().contains("version 9"), refused.getMessage());
    }

    @Test
    void aFlippedBitIsFound() {
        byte[] bytes = REPORT.encode();
        bytes[20] ^= 1;
        assertEquals(
                FailureKind.CORRUPT,
                assertThrows(HearthException.class, () -> ResidencyReport.decode(bytes))
                        .kind());
    }

    @Test
    void hostileBitmapsEndInOurFailure() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        RoaringBitmap bitmap = new RoaringBitmap();
        bitmap.add(0L, 200_000L);
        bitmap.remove(5);
        byte[] valid = ResidencyReport.bitmapBytes(bitmap);
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = random.nextInt(3) == 0 ? new byte[random.nextInt(64)] : valid.clone();
            if (bytes != valid && bytes.length < valid.length) {
                random.nextBytes(bytes);
            }
            for (int flips = random.nextInt(1, 6); flips > 0 && bytes.length > 0; flips--) {
                bytes[random.nextInt(Math.min(bytes.length, 64))] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                ResidencyReport.bitmap(bytes);
            } catch (HearthException expected) {
                assertEquals(FailureKind.INVALID, expected.kind());
            } catch (RuntimeException e) {
                fail("seed " + seed + " round " + round, e);
            }
        }
    }

    @Test
    void aCountBeyondTheBoundAllocatesNothing() {
        byte[] body =
                new FieldWriter().text("w").i64(1).i64(1).u8(1).varint(1L << 40).toBytes();
        byte[] sealed = Envelope.seal(0x48525350, 1, body);
        assertEquals(
                FailureKind.INVALID,
                assertThrows(HearthException.class, () -> ResidencyReport.decode(sealed))
                        .kind());
        assertTrue(ByteBuffer.wrap(sealed).getInt() == 0x48525350);
    }
}
