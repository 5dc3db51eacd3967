package io.hearth.worker.tier;

/**
 * How full a tier may become, as shares of its quota. Newcomers that push it past {@code high} start background
 * eviction, which goes on down to {@code low}.
 *
 * @param high above {@code low}, at most 1
 * @param low above 0
 */
public record Watermarks(double high, double low) {
    /** Fluid's high mark; its low one is 0.7, which leaves more unused than a burst needs: decisions/0009-tiers.md. */
    public static final Watermarks DEFAULT = new Watermarks(0.95, 0.85);

    /** @throws IllegalArgumentException in words, for marks out of range or order */
    public Watermarks {
        if (!(low > 0 && low < high && high <= 1)) {
            throw new IllegalArgumentException(
                    "watermarks high=" + high + " and low=" + low + " must satisfy 0 < low < high <= 1");
        }
    }

    long highBytes(long quotaBytes) {
        return (long) (high * quotaBytes);
    }

    long lowBytes(long quotaBytes) {
        return (long) (low * quotaBytes);
    }
}
