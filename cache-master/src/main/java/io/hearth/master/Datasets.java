package io.hearth.master;

import io.hearth.objectstore.s3.SigningKeyRing;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.api.CheckReport;
import io.hearth.protocol.api.CheckReport.Finding;
import io.hearth.protocol.api.DatasetList;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.Residency;
import io.hearth.protocol.api.Ticket;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What users do with datasets. Blocks, but for {@link #refresh}. */
final class Datasets {
    private final Catalog catalog;
    private final OriginChecks checks;
    private final Listings listings;
    private final GenerationCollector collector;
    private final Sessions sessions;
    private final Membership membership;
    private final ResidencyView residency;
    private final Evictions evictions;
    private final CredentialReferences credentials;
    private final Supplier<String> ids;
    private final MasterSettings settings;
    private final Clock clock;
    private final MasterMetrics metrics;

    Datasets(
            Catalog catalog,
            OriginChecks checks,
            Listings listings,
            GenerationCollector collector,
            Sessions sessions,
            Membership membership,
            ResidencyView residency,
            Evictions evictions,
            CredentialReferences credentials,
            Supplier<String> ids,
            MasterSettings settings,
            Clock clock,
            MasterMetrics metrics) {
        this.catalog = catalog;
        this.checks = checks;
        this.listings = listings;
        this.collector = collector;
        this.sessions = sessions;
        this.membership = membership;
        this.residency = residency;
        this.evictions = evictions;
        this.credentials = credentials;
        this.ids = ids;
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
    }

    CheckReport check(DatasetName name, DatasetSpec spec) {
        return checks.check(MountPlan.of(name, spec, settings));
    }

    DatasetStatus create(DatasetName name, DatasetSpec spec) {
        MountPlan plan = MountPlan.of(name, spec, settings);
        catalog.requireFree(name);
        requireOk(checks.check(plan));
        StoredDataset dataset = StoredDataset.created(ids.get(), name, spec, clock.millis());
        listings.request(dataset, () -> catalog.create(dataset));
        return describe(name);
    }

    DatasetStatus update(DatasetName name, DatasetSpec spec) {
        MountPlan plan = MountPlan.of(name, spec, settings);
        StoredDataset dataset = catalog.require(name);
        if (!spec.mounts().equals(dataset.spec().mounts())) {
            requireOk(checks.check(plan));
        }
        listings.request(dataset, () -> catalog.updateSpec(name, spec));
        return describe(name);
    }

    CompletableFuture<DatasetStatus> refresh(DatasetName name) {
        return listings.request(catalog.require(name), () -> {}).thenApply(done -> describe(name));
    }

    /**
     * Deletes the dataset; the next sweep removes its generations, and workers are asked to drop its bytes, best
     * effort.
     */
    void delete(DatasetName name) {
        StoredDataset dataset = catalog.require(name);
        evictions.dropQuietly(dataset);
        catalog.delete(name);
        sessions.endAll(dataset.uid());
        residency.forget(dataset.uid());
        listings.forget(dataset.uid());
        collector.consider(dataset.uid(), name);
    }

    DatasetStatus describe(DatasetName name) {
        return status(catalog.require(name));
    }

    DatasetList list(String namespace) {
        return new DatasetList(
                catalog.list(namespace).stream().map(this::status).toList());
    }

    Residency residency(DatasetName name) {
        return residency.of(catalog.require(name));
    }

    /** Access to the dataset's origins for some hours, by credentials as they stand now; no secret key is in it. */
    Ticket ticket(DatasetName name) {
        MountPlan plan = MountPlan.of(name, catalog.require(name).spec(), settings);
        Map<String, OriginAccess> access = new LinkedHashMap<>();
        for (PlannedMount mount : plan.mounts()) {
            OriginAccess full = new OriginAccess(mount.origin(), credentials.resolve(mount.credentials()));
            access.putIfAbsent(mount.originId(), SigningKeyRing.lend(full, clock.instant(), settings.ticketLives()));
        }
        metrics.tickets.increment();
        return Ticket.of(access, clock.millis() + settings.ticketExpiry().toMillis());
    }

    private DatasetStatus status(StoredDataset dataset) {
        StoredDataset.CurrentListing none = new StoredDataset.CurrentListing("", 0, 0, 0, 0, 0, 0, List.of());
        StoredDataset.CurrentListing listed = dataset.current().orElse(none);
        return new DatasetStatus(
                dataset.namespace(),
                dataset.name(),
                dataset.spec(),
                phase(dataset),
                dataset.failure(),
                dataset.current().map(StoredDataset.CurrentListing::generation),
                listed.bytes(),
                listed.files(),
                residency.of(dataset).cachedBytes(),
                membership.capacityBytes(),
                Instant.ofEpochMilli(dataset.createdAtMs()).toString(),
                dataset.current()
                        .map(current ->
                                Instant.ofEpochMilli(current.listedAtMs()).toString()),
                listed.listingMs(),
                listed.weakFiles(),
                listed.skippedKeys(),
                listed.skippedExamples());
    }

    private String phase(StoredDataset dataset) {
        boolean busy = listings.busy(dataset.uid());
        if (dataset.current().isPresent()) {
            return busy ? DatasetStatus.UPDATING : DatasetStatus.BOUND;
        }
        return dataset.failure().isPresent() && !busy ? DatasetStatus.FAILED : DatasetStatus.PENDING;
    }

    private static void requireOk(CheckReport report) {
        boolean one =
                report.findings().stream().map(Finding::mountPoint).distinct().count() == 1;
        for (Finding finding : report.findings()) {
            if (!finding.ok()) {
                throw new HearthException(kindOf(finding), (one ? "" : finding.mountPoint() + ": ") + finding.detail());
            }
        }
    }

    /** What a failed check means: not the request is wrong, but what it names. */
    private static FailureKind kindOf(Finding finding) {
        return switch (finding.subject()) {
            case "endpoint" -> FailureKind.UNAVAILABLE;
            case "credentials" -> FailureKind.DENIED;
            default -> FailureKind.NOT_FOUND;
        };
    }
}
