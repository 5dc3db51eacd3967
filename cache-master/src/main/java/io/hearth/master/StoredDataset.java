package io.hearth.master;

import io.hearth.cluster.Codec;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Generation.SkippedKey;
import java.util.List;
import java.util.Optional;

/**
 * A dataset as the store keeps it.
 *
 * @param uid tells this dataset from an earlier one of the same name
 * @param failure one line on the last listing, if it failed
 */
record StoredDataset(
        int formatVersion,
        String uid,
        String namespace,
        String name,
        DatasetSpec spec,
        long createdAtMs,
        Optional<CurrentListing> current,
        Optional<String> failure) {
    static final int FORMAT_VERSION = 1;

    static final Codec<StoredDataset> CODEC = Codec.of(Json::write, StoredDataset::read);

    /** The newest generation in figures. */
    record CurrentListing(
            String generation,
            long listedAtMs,
            long listingMs,
            long files,
            long bytes,
            long weakFiles,
            long skippedKeys,
            List<SkippedKey> skippedExamples) {
        static CurrentListing of(Generation generation, long startedAtMs, long endedAtMs) {
            return new CurrentListing(
                    generation.id(),
                    endedAtMs,
                    endedAtMs - startedAtMs,
                    generation.files(),
                    generation.bytes(),
                    generation.weakFiles(),
                    generation.skippedKeys(),
                    generation.skippedExamples());
        }
    }

    static StoredDataset created(String uid, DatasetName name, DatasetSpec spec, long nowMs) {
        return new StoredDataset(
                FORMAT_VERSION, uid, name.namespace(), name.name(), spec, nowMs, Optional.empty(), Optional.empty());
    }

    DatasetName datasetName() {
        return new DatasetName(namespace, name);
    }

    /** The newest generation's id; {@code UNAVAILABLE} with the reason while there is none. */
    String currentId() {
        return current.map(CurrentListing::generation)
                .orElseThrow(() -> new HearthException(
                        FailureKind.UNAVAILABLE,
                        failure.map(line -> "the dataset " + datasetName() + " could not be listed: " + line)
                                .orElse("the dataset " + datasetName()
                                        + " is being listed for the first time: try again in a moment")));
    }

    StoredDataset withSpec(DatasetSpec other) {
        return new StoredDataset(formatVersion, uid, namespace, name, other, createdAtMs, current, failure);
    }

    StoredDataset withListing(CurrentListing listing) {
        return new StoredDataset(
                formatVersion, uid, namespace, name, spec, createdAtMs, Optional.of(listing), Optional.empty());
    }

    StoredDataset withFailure(String line) {
        return new StoredDataset(formatVersion, uid, namespace, name, spec, createdAtMs, current, Optional.of(line));
    }

    private static StoredDataset read(byte[] json) {
        StoredDataset dataset = Json.read(json, StoredDataset.class);
        requireVersion("dataset", dataset.formatVersion(), FORMAT_VERSION);
        return dataset;
    }

    static void requireVersion(String what, int found, int known) {
        if (found != known) {
            throw new HearthException(
                    FailureKind.UNSUPPORTED_VERSION,
                    "a stored " + what + " of format version " + found + ": this build reads version " + known
                            + "; use the build that wrote it");
        }
    }
}
