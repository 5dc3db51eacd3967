package io.hearth.prefetch;

import io.hearth.master.PinnedTree;
import io.hearth.prefetch.round.LoadPlan;
import io.hearth.prefetch.target.Targets;
import io.hearth.prefetch.target.WantedFiles;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.LoadList;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.settings.Durations;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.roaringbitmap.RoaringBitmap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loads: those at work, and those that the store keeps. Thread-safe; blocks, but for {@link #create}. */
final class LoadEngine {
    private static final Logger LOG = LoggerFactory.getLogger(LoadEngine.class);
    private static final int NAME_CHARS_MAX = 57;

    /** Who watches has to be able to learn how it ended, also past a broken stream. */
    private static final long KEPT_MS_MIN = 60_000;

    private final LoadParts parts;
    private final Executor planners;
    private final Consumer<LoadRun> runners;
    private final Supplier<String> suffixes;
    private final BooleanSupplier stopping;

    /** Loads that have not ended, by namespace and name. */
    private final Map<String, LoadRun> live = new ConcurrentHashMap<>();

    /** Makes looking for the same load and beginning one a single step. */
    private final Object begin = new Object();

    /**
     * @param planners looks new loads up in their datasets; may refuse
     * @param runners gives each load at work a thread; takes all
     * @param suffixes of names
     */
    LoadEngine(
            LoadParts parts,
            Executor planners,
            Consumer<LoadRun> runners,
            Supplier<String> suffixes,
            BooleanSupplier stopping) {
        this.parts = parts;
        this.planners = planners;
        this.runners = runners;
        this.suffixes = suffixes;
        this.stopping = stopping;
    }

    /** Goes on with what an earlier life left. */
    void restore() {
        for (StoredLoad stored : sorted(parts.store().all())) {
            if (!stored.status().phase().ended()) {
                resume(stored);
            }
        }
    }

    private void resume(StoredLoad stored) {
        LiveLoad load = new LiveLoad(stored.datasetUid(), stored.status());
        Optional<PinnedTree> tree = stored.status()
                .generation()
                .flatMap(id -> parts.trees().find(stored.dataset(), stored.datasetUid(), id));
        if (tree.isPresent()) {
            run(load, tree.get(), Optional.empty());
            return;
        }
        LoadReport report = new LoadReport(stored.status(), parts.clock());
        LoadStatus ended = report.ended(
                LoadPhase.FAILED,
                Optional.of("the dataset " + stored.dataset() + " was deleted or replaced meanwhile"),
                0,
                Map.of());
        parts.store().put(StoredLoad.of(stored.datasetUid(), ended));
    }

    /**
     * Begins a load, or joins the one that was asked for with the same words and has not ended. Does not block.
     *
     * @return failed with {@code NOT_FOUND} naming what does not exist, {@code NO_SPACE} with both figures,
     *     {@code UNAVAILABLE} without workers, {@code INVALID}, {@code CONFLICT}, {@code OVERLOADED}
     */
    CompletableFuture<LoadStatus> create(DatasetName dataset, LoadSpec asked) {
        LoadSpec spec = Targets.normal(asked);
        return parts.trees()
                .newest(dataset, spec.metadataOnly().orElse(false))
                .thenCompose(tree -> plan(dataset, spec, tree));
    }

    private CompletableFuture<LoadStatus> plan(DatasetName dataset, LoadSpec spec, PinnedTree tree) {
        try {
            return CompletableFuture.supplyAsync(() -> accept(dataset, spec, tree), planners);
        } catch (RuntimeException e) {
            tree.close(); // Nobody else does where the planners refuse.
            throw e;
        }
    }

    private LoadStatus accept(DatasetName dataset, LoadSpec spec, PinnedTree tree) {
        boolean kept = false;
        try {
            Optional<LiveLoad> same = same(dataset, spec, tree);
            if (same.isPresent()) {
                return same.get().status();
            }
            WantedFiles files = Targets.resolve(dataset, tree, spec);
            boolean metadataOnly = spec.metadataOnly().orElse(false);
            if (!metadataOnly) {
                requirePlace(files);
            }
            synchronized (begin) {
                same = same(dataset, spec, tree);
                if (same.isPresent()) {
                    return same.get().status();
                }
                LoadStatus first = first(dataset, spec, tree, files, metadataOnly);
                makeRoom();
                parts.store().put(StoredLoad.of(tree.datasetUid(), first));
                kept = true;
                LiveLoad load = new LiveLoad(tree.datasetUid(), first);
                run(load, tree, Optional.of(files));
                return first;
            }
        } finally {
            if (!kept) {
                tree.close();
            }
        }
    }

    private Optional<LiveLoad> same(DatasetName dataset, LoadSpec spec, PinnedTree tree) {
        Optional<String> generation = Optional.of(tree.generation().id());
        return live.values().stream()
                .map(LoadRun::load)
                .filter(load -> load.datasetUid().equals(tree.datasetUid()))
                .filter(load -> load.status().generation().equals(generation)
                        && load.status().spec().equals(spec)
                        && !load.status().phase().ended()
                        && !load.cancelled())
                .findFirst();
    }

    private void requirePlace(WantedFiles files) {
        if (files.bytes() == 0) {
            return;
        }
        if (parts.workers().live().isEmpty()) {
            throw new HearthException(
                    FailureKind.UNAVAILABLE, "no worker is there to load to: start one with 'hearth worker'");
        }
        LoadPlan.of(files, new RoaringBitmap(), parts.workers().live());
    }

    private LoadStatus first(
            DatasetName dataset, LoadSpec spec, PinnedTree tree, WantedFiles files, boolean metadataOnly) {
        return new LoadStatus(
                dataset.namespace(),
                freeName(dataset),
                dataset.name(),
                spec,
                LoadPhase.PENDING,
                Optional.empty(),
                Optional.of(tree.generation().id()),
                0,
                new LoadStatus.Files(files.count(), 0, 0, 0),
                new LoadStatus.Bytes(metadataOnly ? 0 : files.bytes(), 0, 0, 0),
                Map.of(),
                0,
                Optional.empty(),
                0,
                List.of(),
                List.of(),
                Instant.ofEpochMilli(parts.clock().millis()).toString(),
                Optional.empty(),
                Optional.empty(),
                0);
    }

    private String freeName(DatasetName dataset) {
        String base = dataset.name()
                .substring(0, Math.min(NAME_CHARS_MAX, dataset.name().length()));
        String name = base + "-" + suffixes.get();
        while (parts.store().find(dataset.namespace(), name).isPresent()) {
            name = base + "-" + suffixes.get();
        }
        return name;
    }

    /** The loads that ended first go; one that has not ended stays. */
    private void makeRoom() {
        List<StoredLoad> all = parts.store().all();
        int tooMany = all.size() + 1 - parts.settings().keptMax();
        if (tooMany <= 0) {
            return;
        }
        List<StoredLoad> ended = all.stream()
                .filter(load -> load.status().phase().ended())
                .sorted(Comparator.comparing(load -> load.status().endedAt().orElse("")))
                .limit(tooMany)
                .toList();
        if (ended.size() < tooMany) {
            throw new HearthException(
                    FailureKind.OVERLOADED,
                    "there are " + all.size() + " loads already, and none has ended (loads.kept-max): cancel some");
        }
        ended.forEach(load -> parts.store().remove(load.status()));
    }

    private void run(LiveLoad load, PinnedTree tree, Optional<WantedFiles> files) {
        String key = key(load.status().namespace(), load.status().name());
        LoadRun run = new LoadRun(load, tree, files, parts, stopping);
        live.put(key, run);
        parts.metrics().active.set(live.size());
        load.ended().thenRun(() -> {
            live.remove(key);
            parts.metrics().active.set(live.size());
        });
        runners.accept(run);
    }

    /** @throws HearthException {@code NOT_FOUND} */
    LoadStatus describe(DatasetName dataset, String name) {
        return liveOf(dataset, name).map(run -> run.load().status()).orElseGet(() -> stored(dataset, name));
    }

    private Optional<LoadRun> liveOf(DatasetName dataset, String name) {
        return Optional.ofNullable(live.get(key(dataset.namespace(), name)))
                .filter(run -> run.load().status().dataset().equals(dataset.name()));
    }

    private LoadStatus stored(DatasetName dataset, String name) {
        return parts.store()
                .find(dataset.namespace(), name)
                .map(StoredLoad::status)
                .filter(load -> load.dataset().equals(dataset.name()))
                .orElseThrow(() -> new HearthException(
                        FailureKind.NOT_FOUND,
                        "the dataset " + dataset + " has no load " + name + " (any more): see hearth load list -n "
                                + dataset.namespace()));
    }

    /** All of a namespace, the newest last. */
    LoadList list(String namespace) {
        Map<String, LoadStatus> loads = new HashMap<>();
        String checked = new DatasetName(namespace, "x").namespace();
        // Those at work first: one that ends meanwhile is found in the store, as it ended.
        live.values().stream()
                .map(run -> run.load().status())
                .filter(load -> load.namespace().equals(checked))
                .forEach(load -> loads.put(load.name(), load));
        parts.store()
                .list(checked)
                .forEach(load -> loads.merge(
                        load.status().name(),
                        load.status(),
                        (atWork, kept) -> kept.phase().ended() ? kept : atWork));
        return new LoadList(loads.values().stream()
                .sorted(Comparator.comparing(LoadStatus::createdAt).thenComparing(LoadStatus::name))
                .toList());
    }

    /** Those of one dataset, the newest last. */
    LoadList list(DatasetName dataset) {
        return new LoadList(list(dataset.namespace()).loads().stream()
                .filter(load -> load.dataset().equals(dataset.name()))
                .toList());
    }

    /**
     * Ends a load.
     *
     * @return its last state; failed with {@code CONFLICT} if it had ended
     */
    CompletableFuture<LoadStatus> cancel(DatasetName dataset, String name) {
        Optional<LoadRun> run = liveOf(dataset, name);
        if (run.isEmpty()) {
            throw alreadyEnded(stored(dataset, name));
        }
        run.get().cancel();
        return run.get().load().ended().thenApply(last -> {
            if (last.phase() != LoadPhase.CANCELLED) {
                throw alreadyEnded(last);
            }
            return last;
        });
    }

    private static HearthException alreadyEnded(LoadStatus load) {
        return new HearthException(
                FailureKind.CONFLICT,
                "the load " + load.name() + " is " + load.phase() + " already: only a load that has not ended can be"
                        + " cancelled");
    }

    /** Lets the reader see the load's states from now on. */
    void watch(DatasetName dataset, String name, LoadWatch watch) {
        Optional<LoadRun> run = liveOf(dataset, name);
        if (run.isPresent()) {
            run.get().load().watch(watch);
        } else {
            watch.tell(stored(dataset, name));
        }
    }

    /** Forgets ended loads whose time is over. */
    void expire() {
        long nowMs = parts.clock().millis();
        for (StoredLoad load : parts.store().all()) {
            LoadStatus status = load.status();
            long ttlMs = Math.max(
                    KEPT_MS_MIN,
                    Durations.parse(status.spec().ttl().orElse(LoadSpec.TTL_DEFAULT))
                            .toMillis());
            boolean over = status.endedAt()
                    .filter(at -> nowMs - Instant.parse(at).toEpochMilli() > ttlMs)
                    .isPresent();
            if (over) {
                LOG.debug("forgets load {}", status.name());
                parts.store().remove(status);
            }
        }
    }

    private static List<StoredLoad> sorted(List<StoredLoad> loads) {
        return loads.stream()
                .sorted(Comparator.comparing(load -> load.status().createdAt()))
                .toList();
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }
}
