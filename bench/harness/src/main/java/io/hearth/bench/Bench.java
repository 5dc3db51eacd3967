package io.hearth.bench;

/** One measurement. Stateless. */
public interface Bench {
    /** What {@code bench/run} calls it: small letters and hyphens. */
    String name();

    /** One line for the list of benches. */
    String summary();

    /**
     * Measures and reports figures as {@code run} asks. What it starts it hands to {@code run}, which ends it.
     *
     * @throws Exception where it could not measure; the message says why in one line
     */
    void measure(BenchRun run) throws Exception;
}
