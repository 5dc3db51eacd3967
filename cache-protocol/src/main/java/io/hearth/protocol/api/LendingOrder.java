package io.hearth.protocol.api;

import java.util.Optional;

/**
 * Asks a worker to lend less or more; exactly one of the four is given.
 *
 * @param give bytes to give back now, as a size: {@code 2GiB}
 * @param medium of the tiers that give: {@code MEM}, {@code SSD} or {@code HDD}; MEM if left out
 * @param drain true: no new bytes come in; false: they do again
 * @param resume true: everything is lent again at once
 * @param busy how long sending to other nodes is limited, as a duration: {@code 10m}; {@code 0s} ends it
 */
public record LendingOrder(
        Optional<String> give,
        Optional<String> medium,
        Optional<Boolean> drain,
        Optional<Boolean> resume,
        Optional<String> busy) {
    /** Gives bytes of memory tiers back. */
    public static LendingOrder give(String size) {
        return new LendingOrder(
                Optional.of(size), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Begins or ends the draining. */
    public static LendingOrder drain(boolean begin) {
        return new LendingOrder(
                Optional.empty(), Optional.empty(), Optional.of(begin), Optional.empty(), Optional.empty());
    }

    /** Lends everything again. */
    public static LendingOrder resumed() {
        return new LendingOrder(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(true), Optional.empty());
    }

    /** Limits what is sent to other nodes for that time. */
    public static LendingOrder busy(String time) {
        return new LendingOrder(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(time));
    }

    /**
     * What came of it.
     *
     * @param freedBytes that were free when this was answered
     * @param zombieBytes unlinked, and free once their holders let go
     * @param files that left their tiers
     * @param leasedFiles of these, that a load counted on
     * @param tookMs from the order to the last byte freed
     */
    public record Result(
            long freedBytes, long zombieBytes, int files, int leasedFiles, long tookMs, LendingStatus status) {}
}
