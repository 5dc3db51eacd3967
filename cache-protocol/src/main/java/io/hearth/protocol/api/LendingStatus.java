package io.hearth.protocol.api;

import java.util.List;

/**
 * What a worker lends now, and why not more.
 *
 * @param state one of {@link #LENDING}, {@link #YIELDING}, {@link #DRAINING}
 * @param since when the state began, ISO 8601
 * @param signals what each signal said last
 * @param busy whether sending to other nodes is limited now
 * @param busyReason why; empty if it is not
 */
public record LendingStatus(
        String state,
        String since,
        String reason,
        List<Tier> tiers,
        List<Signal> signals,
        boolean busy,
        String busyReason) {
    /** Everything that the settings name is lent. */
    public static final String LENDING = "Lending";

    /** The node wanted bytes back, and not all are lent again. */
    public static final String YIELDING = "Yielding";

    /** No new bytes come in; what is here is served on. */
    public static final String DRAINING = "Draining";

    /**
     * One tier.
     *
     * @param quotaBytes of the setting
     * @param allowanceBytes what may be used now
     * @param usedBytes of these, taken: whole objects, zombies too
     * @param heldBytes of these, read, filled or leased
     * @param zombieBytes of these, unlinked and free once their holders let go
     */
    public record Tier(
            String medium,
            String path,
            long quotaBytes,
            long allowanceBytes,
            long usedBytes,
            long heldBytes,
            long zombieBytes) {}

    /** One signal: {@code want} is {@code calm}, {@code uneasy} or {@code wanted}. */
    public record Signal(String name, String want, String reason) {}
}
