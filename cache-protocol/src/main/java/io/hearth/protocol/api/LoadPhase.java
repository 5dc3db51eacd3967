package io.hearth.protocol.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a load stands. */
public enum LoadPhase {
    /** Accepted; waits for its turn or for a worker. */
    @JsonProperty("Pending")
    PENDING("Pending", false),
    /** Workers reserve room and fill. */
    @JsonProperty("Running")
    RUNNING("Running", false),
    /** All bytes are resident; workers read them back and compare checksums. */
    @JsonProperty("Verifying")
    VERIFYING("Verifying", false),
    /** Every byte asked for was found resident and verified in its workers' indexes. */
    @JsonProperty("Complete")
    COMPLETE("Complete", true),
    /** Something is missing: the status names it. */
    @JsonProperty("Failed")
    FAILED("Failed", true),
    /** Ended on request. */
    @JsonProperty("Cancelled")
    CANCELLED("Cancelled", true);

    private final String text;
    private final boolean ended;

    LoadPhase(String text, boolean ended) {
        this.text = text;
        this.ended = ended;
    }

    /** Whether the load will not change any more. */
    public boolean ended() {
        return ended;
    }

    /** As it stands in JSON and in tables. */
    @Override
    public String toString() {
        return text;
    }
}
