package io.hearth.master;

import io.hearth.protocol.DatasetName;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Removes generations that are neither current nor held by a session. Called while no listing of the dataset runs. */
final class GenerationCollector {
    private final Catalog catalog;
    private final GenerationStore generations;
    private final Function<String, Set<String>> pinned;
    private final MasterMetrics metrics;

    /** @param pinned the generations that sessions hold, by dataset uid */
    GenerationCollector(
            Catalog catalog, GenerationStore generations, Function<String, Set<String>> pinned, MasterMetrics metrics) {
        this.catalog = catalog;
        this.generations = generations;
        this.pinned = pinned;
        this.metrics = metrics;
    }

    void collect(DatasetName name, String uid) {
        Optional<StoredDataset> dataset =
                catalog.find(name).filter(stored -> stored.uid().equals(uid));
        Set<String> keep = new HashSet<>();
        if (dataset.isPresent()) {
            dataset.get().current().ifPresent(current -> keep.add(current.generation()));
            // Asked after the current one was read: a session that opens meanwhile pins that one or a newer one.
            keep.addAll(pinned.apply(uid));
        }
        metrics.generationsCollected.increment(generations.retain(uid, keep));
    }
}
