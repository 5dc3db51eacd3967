package io.hearth.master;

import io.hearth.protocol.DatasetName;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * Removes generations that are neither current nor held by a session or a load, once they have been so for a while: who
 * has read the name of a generation a moment ago can still read it.
 */
final class GenerationCollector {
    private final Catalog catalog;
    private final GenerationStore generations;
    private final ReadingOrders orders;
    private final Function<String, Set<String>> pinned;
    private final long graceMs;
    private final Clock clock;
    private final MasterMetrics metrics;

    /** Datasets that may have something to remove, by uid; without a name where no dataset has the uid. */
    private final Map<String, Optional<DatasetName>> candidates = new ConcurrentHashMap<>();

    /** Since when a generation is of no use, by {@code uid/id}. */
    private final Map<String, Long> unusedSinceMs = new ConcurrentHashMap<>();

    /** @param pinned the generations that sessions and others hold, by dataset uid */
    GenerationCollector(
            Catalog catalog,
            GenerationStore generations,
            ReadingOrders orders,
            Function<String, Set<String>> pinned,
            MasterSettings settings,
            Clock clock,
            MasterMetrics metrics) {
        this.catalog = catalog;
        this.generations = generations;
        this.orders = orders;
        this.pinned = pinned;
        this.graceMs = settings.generationGrace().toMillis();
        this.clock = clock;
        this.metrics = metrics;
    }

    /** Considers all that is stored: an earlier life may have ended before it removed what it should have. */
    void restore() {
        generations.uids().forEach(uid -> candidates.put(uid, Optional.empty()));
        catalog.all().forEach(dataset -> consider(dataset.uid(), dataset.datasetName()));
    }

    /** Notes that a session ended, a generation was superseded, or the dataset is gone. */
    void consider(String uid, DatasetName name) {
        candidates.put(uid, Optional.of(name));
    }

    /** @param exclusively runs a task while no listing of the dataset runs, or says that it cannot now */
    void sweep(BiPredicate<String, Runnable> exclusively) {
        new HashMap<>(candidates).forEach((uid, name) -> {
            // Removed first: what is noted from here on is seen by the next sweep.
            candidates.remove(uid, name);
            boolean ran = exclusively.test(uid, () -> {
                if (!collect(uid, name)) {
                    candidates.putIfAbsent(uid, name);
                }
            });
            if (!ran) {
                candidates.putIfAbsent(uid, name);
            }
        });
    }

    /** @return whether nothing is left to remove later */
    private boolean collect(String uid, Optional<DatasetName> name) {
        Optional<StoredDataset> dataset =
                name.flatMap(catalog::find).filter(stored -> stored.uid().equals(uid));
        Set<String> keep = new HashSet<>();
        if (dataset.isPresent()) {
            dataset.get().current().ifPresent(current -> keep.add(current.generation()));
            // Asked after the current one was read: a session that opens meanwhile pins that one or a newer one.
            keep.addAll(pinned.apply(uid));
        }
        boolean later = false;
        for (String id : generations.ids(uid)) {
            String key = uid + "/" + id;
            if (keep.contains(id)) {
                unusedSinceMs.remove(key);
            } else if (dataset.isPresent() && clock.millis() - sinceMs(key) < graceMs) {
                keep.add(id);
                later = true;
            } else {
                unusedSinceMs.remove(key);
            }
        }
        metrics.generationsCollected.increment(generations.retain(uid, keep));
        orders.retain(uid, dataset);
        return !later;
    }

    private long sinceMs(String key) {
        return unusedSinceMs.computeIfAbsent(key, unknown -> clock.millis());
    }
}
