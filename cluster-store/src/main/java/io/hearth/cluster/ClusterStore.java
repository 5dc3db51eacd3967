package io.hearth.cluster;

import java.util.function.Supplier;

/**
 * A transactional store. Thread-safe; every method blocks, so none may be called on an event loop. What a method has
 * written when it returns (outside a transaction) or when {@link #transaction} returns survives the death of the
 * process.
 *
 * <p>Every method fails with a {@link io.hearth.protocol.HearthException} alone: {@code UNAVAILABLE} when the store is
 * closed or has stopped (as it does when the disk is full), {@code TIMEOUT} when a transaction hit its bound,
 * {@code INVALID} for a name, key or value out of bounds.
 */
public interface ClusterStore extends AutoCloseable {
    /** Longest key in characters. */
    int KEY_CHARS_MAX = 1024;

    /**
     * The map of that name, made on first use. Every caller must use the same durability and a codec of the same form.
     *
     * @param name 1 to 64 of a-z, 0-9 and '-'
     */
    <V> TransactionalMap<V> map(String name, Codec<V> codec, Durability durability);

    /** A durable map. */
    default <V> TransactionalMap<V> map(String name, Codec<V> codec) {
        return map(name, codec, Durability.DURABLE);
    }

    /**
     * The queue of that name, made on first use.
     *
     * @param lengthMax items, claimed ones included, beyond which an offer is refused
     */
    <V> DurableQueue<V> queue(String name, Codec<V> codec, int lengthMax);

    /** The lease table of that name, made on first use. */
    LeaseTable leases(String name);

    /**
     * Runs {@code work} so that its reads and writes of maps, queues and leases happen together or not at all. What it
     * reads is locked until the end. {@code work} may run several times (conflicts are retried within a bound), so it
     * must have no other effect; a failure it throws undoes its writes. Inside another transaction it joins that one.
     */
    <T> T transaction(Supplier<T> work);

    /** {@link #transaction(Supplier)} without a result. */
    default void transact(Runnable work) {
        transaction(() -> {
            work.run();
            return Boolean.TRUE;
        });
    }

    /** This master's lasting name in the cluster: the holder of its leases and claims. */
    String node();

    /** Whether the store answers. */
    boolean ready();

    /** Stops within a bound; calls in flight fail. Idempotent. */
    @Override
    void close();

    /** Whether a map outlives the process. */
    enum Durability {
        DURABLE,
        /** Lost when the last master stops, and entry by entry when its region is full; costs no disk writes. */
        VOLATILE
    }
}
