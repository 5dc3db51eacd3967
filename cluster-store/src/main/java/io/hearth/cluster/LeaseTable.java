package io.hearth.cluster;

import java.time.Duration;
import java.util.Optional;

/** Exclusive holds by name that end by themselves. Methods may take part in a transaction. */
public interface LeaseTable {
    /**
     * Takes the lease if it is free, has expired, or is this holder's already (which gives a new token: the earlier
     * hold counts as lost).
     *
     * @param name as a map's key
     * @return empty if another holder has it
     */
    Optional<Lease> acquire(String name, String holder, Duration ttl);

    /** Prolongs a hold, counted from now. @return empty if it was lost meanwhile */
    Optional<Lease> renew(Lease lease, Duration ttl);

    /** Ends a hold; nothing happens if it was lost meanwhile. */
    void release(Lease lease);

    /** The live hold on {@code name}. */
    Optional<Lease> holder(String name);

    /**
     * A hold.
     *
     * @param token grows with every acquisition in this table: whoever writes under a lease can refuse a smaller one
     * @param expiresAtMs by the store's clock, in milliseconds since 1970
     */
    record Lease(String name, String holder, long token, long expiresAtMs) {}
}
