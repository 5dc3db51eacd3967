package io.hearth.cluster;

import java.time.Duration;
import java.util.Optional;

/**
 * A queue that survives its consumers. An item is claimed, worked on, and acknowledged; a claim that lapses before that
 * gives the item to the next consumer, so an item may be worked on twice but is never lost. Items are claimed in the
 * order of their offers. All methods may take part in a transaction, but for {@link #poll} and {@link #releaseClaims}.
 */
public interface DurableQueue<V> {
    /**
     * Appends an item.
     *
     * @return its number, which grows with every offer
     * @throws io.hearth.protocol.HearthException {@code OVERLOADED} when the queue is full
     */
    long offer(V item);

    /** Claims the oldest item that nobody has a live claim on; empty if there is none. Does not wait. */
    Optional<Claim<V>> poll(String holder, Duration claimFor);

    /** Keeps a claim alive. @return false if it lapsed and the item went to another consumer, or is done */
    boolean extend(Claim<V> claim, Duration claimFor);

    /** Removes a claimed item. @return false if the claim lapsed and the item went to another consumer, or is done */
    boolean acknowledge(Claim<V> claim);

    /** Gives back all claims of a holder, such as those of its earlier life. @return how many */
    int releaseClaims(String holder);

    /** Items, claimed ones included. */
    int length();

    /**
     * An item in a consumer's hands.
     *
     * @param number the item's number
     * @param attempt 1 for the first claim on the item, then one more each time
     */
    record Claim<V>(long number, String holder, int attempt, V item) {}
}
