package io.hearth.protocol.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.Validator;
import io.hearth.protocol.wire.Envelope;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SegmentTest {
    private static final byte[] BYTES = Segment.encode(List.of(
            new Entry("a/b", 0, false, 5L << 32, 1_700_000_000_000L, new Validator.VersionId("v1")),
            new Entry("a/c", 1, true, 0, 1_700_000_000_001L, new Validator.LastModified(7))));

    @Test
    void aLaterVersionIsRefused() {
        byte[] later = BYTES.clone();
        later[5] = 2;
        assertEquals(
                FailureKind.UNSUPPORTED_VERSION,
                assertThrows(HearthException.class, () -> Segment.decode(later)).kind());
    }

    @Test
    void damagedBodiesWithAValidChecksumEndInOurFailure() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        byte[] body = new byte[BYTES.length - 10];
        for (int round = 0; round < 10_000; round++) {
            System.arraycopy(BYTES, 6, body, 0, body.length);
            for (int flips = random.nextInt(1, 5); flips > 0; flips--) {
                body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                Segment.decode(Envelope.seal(0x48534547, 1, body));
            } catch (HearthException expected) {
                assertEquals(FailureKind.INVALID, expected.kind());
            } catch (RuntimeException e) {
                fail("seed " + seed + " round " + round, e);
            }
        }
    }
}
