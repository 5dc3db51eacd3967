package io.hearth.launcher.output;

import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.settings.DataSize;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Loads as tables; the columns of {@link #list} are part of the user's contract. */
public final class LoadTables {
    private LoadTables() {}

    public static String list(List<LoadStatus> loads, Instant now) {
        Table table = new Table("NAME", "DATASET", "PHASE", "AGE", "DURATION", "PROGRESS");
        for (LoadStatus load : loads) {
            table.row(
                    load.name(),
                    load.dataset(),
                    load.phase().toString(),
                    Age.of(load.createdAt(), now),
                    load.startedAt().isPresent() ? Age.format(Duration.ofMillis(load.durationMs())) : "-",
                    Percentage.of(load.progress()));
        }
        return table.toString();
    }

    public static String describe(LoadStatus load, Instant now) {
        Fields fields = new Fields()
                .add("Name", load.namespace() + "/" + load.name())
                .add("Dataset", load.dataset())
                .add("Phase", load.phase().toString());
        load.message().ifPresent(message -> fields.add("Message", message));
        request(fields, load.spec());
        LoadStatus.Files files = load.files();
        LoadStatus.Bytes bytes = load.bytes();
        fields.add("Progress", Percentage.of(load.progress()))
                .add("Files", files.total())
                .add("  resident", files.resident())
                .add("  verified", files.verified())
                .add("  failed", files.failed())
                .add("Bytes", DataSize.format(bytes.total()))
                .add("  resident", DataSize.format(bytes.resident()))
                .add("  verified", DataSize.format(bytes.verified()))
                .add("  in flight", DataSize.format(bytes.inFlight()));
        load.sources().forEach((source, count) -> fields.add("  from " + source, DataSize.format(count)));
        fields.add("Rate", DataSize.format(load.bytesPerSecond()) + "/s");
        load.etaSeconds().ifPresent(left -> fields.add("ETA", Age.format(Duration.ofSeconds(left))));
        fields.add("Attempts", load.attempts());
        for (LoadStatus.WorkerPart part : load.workers()) {
            fields.add(
                    "Worker",
                    part.worker() + ": " + DataSize.format(part.residentBytes()) + " of "
                            + DataSize.format(part.totalBytes()) + " resident, "
                            + DataSize.format(part.verifiedBytes()) + " verified");
        }
        failures(fields, load);
        load.generation().ifPresent(generation -> fields.add("Generation", generation));
        fields.add("Age", Age.of(load.createdAt(), now));
        load.startedAt()
                .ifPresent(at ->
                        fields.add("Started", at).add("Duration", Age.format(Duration.ofMillis(load.durationMs()))));
        load.endedAt().ifPresent(at -> fields.add("Ended", at));
        return fields.toString();
    }

    private static void request(Fields fields, LoadSpec spec) {
        if (spec.metadataOnly().orElse(false)) {
            fields.add("Target", "the listing alone");
        } else if (spec.targets().isEmpty()) {
            fields.add("Target", "the whole dataset");
        }
        for (LoadSpec.Target target : spec.targets()) {
            int replicas = target.replicas().orElse(1);
            fields.add("Target", target.path() + (replicas == 1 ? "" : " on " + replicas + " workers"));
        }
        fields.add("Retries", spec.retries().orElse(LoadSpec.RETRIES_DEFAULT));
        fields.add("TTL", spec.ttl().orElse(LoadSpec.TTL_DEFAULT));
    }

    private static void failures(Fields fields, LoadStatus load) {
        if (load.failedPaths().isEmpty()) {
            return;
        }
        long unnamed = load.files().failed() - load.failedPaths().size();
        fields.add("Failed paths", load.files().failed());
        load.failedPaths().forEach(failed -> fields.below(failed.path() + ": " + failed.reason()));
        if (unnamed > 0) {
            fields.below("and " + unnamed + " more");
        }
    }
}
