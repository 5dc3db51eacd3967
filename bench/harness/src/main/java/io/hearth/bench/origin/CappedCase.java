package io.hearth.bench.origin;

import io.hearth.testing.origin.OriginLimits;
import java.time.Duration;
import java.util.List;

/**
 * One kind of limited origin.
 *
 * @param capBytesPerS the most that it gives
 */
record CappedCase(String name, OriginLimits limits, long capBytesPerS, long quickBytes, long fullBytes) {
    private static final long MIB = 1 << 20;
    private static final Duration FAR = Duration.ofMillis(90);

    static List<CappedCase> all() {
        OriginLimits far = OriginLimits.rates(2_000_000, 64_000_000).withFirstByte(FAR);
        return List.of(
                new CappedCase("a", far, 64_000_000, 512 * MIB, 1024 * MIB),
                new CappedCase("b", OriginLimits.rates(500_000, 24_000_000), 24_000_000, 256 * MIB, 512 * MIB),
                new CappedCase(
                        "c",
                        OriginLimits.rates(20_000_000, 100_000_000).withRequestsMax(8),
                        100_000_000,
                        512 * MIB,
                        1024 * MIB),
                new CappedCase("d", far.withSlow(0.03, 40), 64_000_000, 512 * MIB, 1024 * MIB));
    }
}
