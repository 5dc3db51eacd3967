package io.hearth.prefetch.round;

import java.util.Map;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/**
 * What came of a round.
 *
 * @param failed files of which not every byte was found verified, by position
 * @param lasting those among them that another round would not mend
 * @param reasons for some of the failed, one line each
 * @param message one line where the round failed as a whole
 */
public record RoundResult(
        RoaringBitmap failed, RoaringBitmap lasting, Map<Integer, String> reasons, Optional<String> message) {
    /** Whether nothing is missing. */
    public boolean complete() {
        return failed.isEmpty() && message.isEmpty();
    }
}
