package io.hearth.master;

import io.hearth.master.api.ApiMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.atomic.AtomicLong;

/** The master's meters, all registered at start. */
public final class MasterMetrics {
    final ApiMetrics api;
    final Timer listing;
    final Counter listingFailures;
    final Counter listedKeys;
    final Counter segmentsWritten;
    final Counter generationsMade;
    final Counter generationsCollected;
    final Counter sessionsExpired;
    final Counter tickets;
    final Counter reports;
    final Counter reportsRefused;
    final Counter workersLost;
    final Counter evictedBytes;
    final AtomicLong datasets;
    final AtomicLong sessions;
    final AtomicLong workers;
    final AtomicLong listingsWaiting;

    public MasterMetrics(MeterRegistry registry) {
        api = new ApiMetrics(registry, Operation.all());
        listing = Timer.builder("hearth.master.listing")
                .description("Time of successful listings of a dataset")
                .register(registry);
        listingFailures = counter(registry, "listing.failures", "Listings that failed");
        listedKeys = counter(registry, "listing.files", "Files in successful listings");
        segmentsWritten = counter(registry, "segments.written", "Segments of generations that were new");
        generationsMade = counter(registry, "generations.made", "Listings that differed from the one before");
        generationsCollected =
                counter(registry, "generations.collected", "Generations removed because nobody held them");
        sessionsExpired = counter(registry, "sessions.expired", "Sessions that ended without a renewal");
        tickets = counter(registry, "tickets", "Tickets given out");
        reports = counter(registry, "worker.reports", "Residency reports taken");
        reportsRefused = counter(
                registry, "worker.reports.refused", "Residency reports after a gap, answered by a call for a snapshot");
        workersLost = counter(registry, "workers.lost", "Workers whose heartbeats ended");
        evictedBytes = Counter.builder("hearth.master.evicted")
                .description("Bytes that workers dropped on request")
                .baseUnit("bytes")
                .register(registry);
        datasets = gauge(registry, "datasets", "Datasets");
        sessions = gauge(registry, "sessions", "Live sessions");
        workers = gauge(registry, "workers", "Live workers");
        listingsWaiting = gauge(registry, "listings.waiting", "Listings asked for and not yet done");
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder("hearth.master." + name).description(description).register(registry);
    }

    private static AtomicLong gauge(MeterRegistry registry, String name, String description) {
        AtomicLong value = new AtomicLong();
        Gauge.builder("hearth.master." + name, value, AtomicLong::get)
                .description(description)
                .register(registry);
        return value;
    }
}
