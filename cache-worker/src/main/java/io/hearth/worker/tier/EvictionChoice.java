package io.hearth.worker.tier;

/** The eviction policies that a worker can be told to use. */
public enum EvictionChoice {
    S3_FIFO("s3-fifo"),
    LRU("lru");

    private final String text;

    EvictionChoice(String text) {
        this.text = text;
    }

    /**
     * A policy for one tier.
     *
     * @param ghostsMax objects that the policy may remember after they left
     */
    public EvictionPolicy policy(int ghostsMax) {
        return switch (this) {
            case S3_FIFO -> new S3FifoEvictionPolicy(ghostsMax);
            case LRU -> new LruEvictionPolicy();
        };
    }

    /** As it stands in the settings. */
    @Override
    public String toString() {
        return text;
    }
}
