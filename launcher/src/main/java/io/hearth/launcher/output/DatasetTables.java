package io.hearth.launcher.output;

import io.hearth.protocol.api.DatasetSpec.MountSpec;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.Residency;
import io.hearth.protocol.generation.Generation.SkippedKey;
import io.hearth.protocol.settings.DataSize;
import java.time.Instant;
import java.util.List;

/** Datasets as tables; the columns of {@link #list} are part of the user's contract. */
public final class DatasetTables {
    private DatasetTables() {}

    public static String list(List<DatasetStatus> datasets, Instant now) {
        Table table =
                new Table("NAME", "UFS TOTAL SIZE", "CACHED", "CACHE CAPACITY", "CACHED PERCENTAGE", "PHASE", "AGE");
        for (DatasetStatus dataset : datasets) {
            boolean listed = dataset.generation().isPresent();
            table.row(
                    dataset.name(),
                    listed ? DataSize.format(dataset.ufsTotalBytes()) : "-",
                    DataSize.format(dataset.cachedBytes()),
                    DataSize.format(dataset.cacheCapacityBytes()),
                    listed ? Percentage.of(dataset.cachedPercentage()) : "-",
                    dataset.phase(),
                    Age.of(dataset.createdAt(), now));
        }
        return table.toString();
    }

    public static String describe(DatasetStatus dataset, Instant now) {
        Fields fields = new Fields()
                .add("Name", dataset.namespace() + "/" + dataset.name())
                .add("Phase", dataset.phase());
        dataset.message().ifPresent(message -> fields.add("Message", message));
        for (MountSpec mount : dataset.spec().mounts()) {
            fields.add("Mount", mount.mountPoint() + " at " + mount.path().orElse("/"));
            mount.options().forEach((name, value) -> fields.add("  " + name, value));
        }
        fields.add("Refresh", dataset.spec().refresh().orElse("60s"))
                .add("Files", dataset.files())
                .add("UFS total size", DataSize.format(dataset.ufsTotalBytes()))
                .add(
                        "Cached",
                        DataSize.format(dataset.cachedBytes()) + " (" + Percentage.of(dataset.cachedPercentage())
                                + ")");
        dataset.generation().ifPresent(generation -> fields.add("Generation", generation));
        dataset.listedAt()
                .ifPresent(at -> fields.add("Listed", Age.of(at, now) + " ago, in " + dataset.listingMs() + " ms"));
        if (dataset.weakFiles() > 0) {
            fields.add("Weak files", dataset.weakFiles() + " (no ETag: told apart by time and size)");
        }
        if (dataset.skippedKeys() > 0) {
            fields.add("Skipped keys", dataset.skippedKeys());
            for (SkippedKey skipped : dataset.skippedExamples()) {
                fields.below(skipped.key() + ": " + skipped.reason());
            }
        }
        return fields.add("Age", Age.of(dataset.createdAt(), now)).toString();
    }

    public static String where(Residency residency) {
        Table table = new Table("WORKER", "HOST", "MEDIUM", "FILES", "CACHED", "CACHED PERCENTAGE");
        for (Residency.Place place : residency.places()) {
            table.row(
                    place.worker(),
                    place.host(),
                    place.medium(),
                    Long.toString(place.files()),
                    DataSize.format(place.bytes()),
                    Percentage.of(place.percentage()));
        }
        return table.toString();
    }
}
