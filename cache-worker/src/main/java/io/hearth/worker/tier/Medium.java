package io.hearth.worker.tier;

/** What a tier's directory lies on. */
public enum Medium {
    /** A tmpfs. */
    MEM,
    SSD,
    HDD
}
