package io.hearth.bench;

/**
 * How a bench is run.
 *
 * @param quick Hearth, local and bounds only, on less data, within 90 seconds
 * @param peers other systems too; implied where {@code quick} is not asked for
 */
public record BenchOptions(boolean quick, boolean peers) {
    public BenchOptions {
        peers |= !quick;
    }

    /** {@code full}, or {@code quick} for a quick run. */
    public <T> T choose(T full, T quick) {
        return this.quick ? quick : full;
    }
}
