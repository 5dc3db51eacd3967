package io.hearth.launcher.output;

import io.hearth.protocol.api.DatasetSpec.MountSpec;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.Residency;
import io.hearth.protocol.generation.Generation.SkippedKey;
import io.hearth.protocol.settings.DataSize;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

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
                    listed ? percentage(dataset.cachedPercentage()) : "-",
                    dataset.phase(),
                    Age.of(dataset.createdAt(), now));
        }
        return table.toString();
    }

    public static String describe(DatasetStatus dataset, Instant now) {
        StringBuilder text = new StringBuilder();
        field(text, "Name", dataset.namespace() + "/" + dataset.name());
        field(text, "Phase", dataset.phase());
        dataset.message().ifPresent(message -> field(text, "Message", message));
        for (MountSpec mount : dataset.spec().mounts()) {
            field(text, "Mount", mount.mountPoint() + " at " + mount.path().orElse("/"));
            mount.options().forEach((name, value) -> field(text, "  " + name, value));
        }
        field(text, "Refresh", dataset.spec().refresh().orElse("60s"));
        field(text, "Files", Long.toString(dataset.files()));
        field(text, "UFS total size", DataSize.format(dataset.ufsTotalBytes()));
        field(
                text,
                "Cached",
                DataSize.format(dataset.cachedBytes()) + " (" + percentage(dataset.cachedPercentage()) + ")");
        dataset.generation().ifPresent(generation -> field(text, "Generation", generation));
        dataset.listedAt()
                .ifPresent(at -> field(text, "Listed", Age.of(at, now) + " ago, in " + dataset.listingMs() + " ms"));
        if (dataset.weakFiles() > 0) {
            field(text, "Weak files", dataset.weakFiles() + " (no ETag: told apart by time and size)");
        }
        if (dataset.skippedKeys() > 0) {
            field(text, "Skipped keys", Long.toString(dataset.skippedKeys()));
            for (SkippedKey skipped : dataset.skippedExamples()) {
                text.append("  ")
                        .append(skipped.key())
                        .append(": ")
                        .append(skipped.reason())
                        .append('\n');
            }
        }
        field(text, "Age", Age.of(dataset.createdAt(), now));
        return text.toString();
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
                    percentage(place.percentage()));
        }
        return table.toString();
    }

    private static void field(StringBuilder text, String name, String value) {
        text.append(String.format("%-16s%s%n", name + ":", value));
    }

    private static String percentage(double value) {
        return String.format(Locale.ROOT, "%.1f%%", Math.floor(value * 10) / 10);
    }
}
