package io.hearth.worker.descriptor;

import io.hearth.protocol.ObjectId;
import io.hearth.worker.integrity.DescriptorGrants.Grant;
import io.hearth.worker.tier.ObjectFile;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The grants whose descriptors are out, by number; a number is never used again in a worker's life. Thread-safe. */
public final class OpenGrants {
    private final int grantsMax;
    private final DescriptorMetrics metrics;
    private final ConcurrentHashMap<Long, Grant> grants = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();

    public OpenGrants(int grantsMax, DescriptorMetrics metrics) {
        this.grantsMax = grantsMax;
        this.metrics = metrics;
        metrics.watch(grants::size);
    }

    /** Whether one more may be handed out. */
    boolean room() {
        return grants.size() < grantsMax;
    }

    /** Gives the grant its number and keeps it until it is let go. */
    long add(Grant grant) {
        long number = numbers.incrementAndGet();
        grants.put(number, grant);
        return number;
    }

    /** Whether the grant's holder may have the kernel keep the file, from now on until it is let go. */
    boolean forKernel(long number) {
        Grant grant = grants.get(number);
        return grant != null && grant.forKernel();
    }

    void letGo(long number) {
        Grant grant = grants.remove(number);
        if (grant != null) {
            grant.close();
        }
    }

    /** The grant's file, held once more for the caller; empty if it was let go, or is of another object. */
    public Optional<ObjectFile> hold(long number, ObjectId object) {
        ObjectFile[] held = new ObjectFile[1];
        grants.computeIfPresent(number, (same, grant) -> {
            if (grant.file().id().equals(object)) {
                grant.file().retain();
                held[0] = grant.file();
            }
            return grant;
        });
        return Optional.ofNullable(held[0]);
    }

    /** Counts bytes that a holder was told of. */
    public void ready(long bytes) {
        metrics.ready(bytes);
    }

    DescriptorMetrics metrics() {
        return metrics;
    }
}
