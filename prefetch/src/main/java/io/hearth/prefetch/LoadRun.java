package io.hearth.prefetch;

import io.hearth.master.PinnedTree;
import io.hearth.prefetch.round.LoadPlan;
import io.hearth.prefetch.round.Round;
import io.hearth.prefetch.round.RoundResult;
import io.hearth.prefetch.target.Targets;
import io.hearth.prefetch.target.WantedFiles;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.settings.Durations;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.roaringbitmap.RoaringBitmap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One load from its start to its end, in rounds, by one thread. Every wait has a bound, so every load ends: a round by
 * its stall timeout, the rounds by the retries.
 */
final class LoadRun implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(LoadRun.class);
    private static final long TURN_MS = 50;
    private static final long RETRY_PAUSE_MS_MAX = 60_000;
    private static final long SAVE_PAUSE_MS = 1000;

    private final LiveLoad load;
    private final DatasetName dataset;
    private final LoadSpec spec;
    private final PinnedTree tree;
    private final LoadParts parts;
    private final BooleanSupplier stopping;
    private final LoadReport report;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Map<Integer, String> reasons = new LinkedHashMap<>();
    private RoaringBitmap failed = new RoaringBitmap();
    private Optional<WantedFiles> files;
    private Optional<Round> running = Optional.empty();
    private long publishedNanos;
    private long savedNanos;

    /** The load is to end now, or to be left to the next life of the engine. */
    private static final class Ending extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Optional<LoadPhase> phase;

        Ending(Optional<LoadPhase> phase) {
            super(null, null, false, false);
            this.phase = phase;
        }
    }

    /** How it ended. */
    private record Verdict(LoadPhase phase, Optional<String> message) {
        static Verdict failed(String message) {
            return new Verdict(LoadPhase.FAILED, Optional.of(message));
        }
    }

    /**
     * @param tree closed by this run
     * @param files what the targets mean in the tree, if that is known
     * @param stopping whether the engine is closing
     */
    LoadRun(LiveLoad load, PinnedTree tree, Optional<WantedFiles> files, LoadParts parts, BooleanSupplier stopping) {
        this.load = load;
        this.dataset = new DatasetName(load.status().namespace(), load.status().dataset());
        this.spec = load.status().spec();
        this.tree = tree;
        this.files = files;
        this.parts = parts;
        this.stopping = stopping;
        this.report = new LoadReport(load.status(), parts.clock());
    }

    LiveLoad load() {
        return load;
    }

    /** Ends the load soon; at once, on this thread, if it still waits for one of its own. */
    void cancel() {
        load.cancel();
        run();
    }

    /** Does nothing if it has begun already. */
    @Override
    public void run() {
        if (!begun.compareAndSet(false, true)) {
            return;
        }
        Optional<Verdict> verdict = Optional.empty();
        try {
            verdict = Optional.of(verdict());
            finish(verdict.get());
        } catch (Ending stopped) {
            // The next life of the engine goes on with it; the workers' shares wait a while for that.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (HearthException e) {
            LOG.warn("load {} goes on after the next start: {}", load.status().name(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the end of load {}", load.status().name(), e);
        } finally {
            if (verdict.isPresent()) {
                running.ifPresent(Round::end);
            }
            tree.close();
        }
    }

    /** @throws Ending only if the engine is closing */
    private Verdict verdict() throws InterruptedException {
        try {
            return work();
        } catch (Ending ending) {
            LoadPhase phase = ending.phase.orElseThrow(() -> ending);
            return new Verdict(
                    phase,
                    Optional.of(
                            phase == LoadPhase.CANCELLED
                                    ? "cancelled on request"
                                    : "the dataset " + dataset + " was deleted or replaced meanwhile"));
        } catch (HearthException e) {
            return Verdict.failed(e.getMessage());
        } catch (RuntimeException | Error e) {
            // An error as well: a load whose thread is gone would never end, and be joined by who asks for it again.
            LOG.error("load {}", load.status().name(), e);
            return Verdict.failed("the load engine failed: the master's log says why");
        }
    }

    private Verdict work() throws InterruptedException {
        turn();
        WantedFiles wanted = files.isPresent() ? files.get() : Targets.resolve(dataset, tree, spec);
        files = Optional.of(wanted);
        boolean metadataOnly = spec.metadataOnly().orElse(false);
        report.begin(wanted, metadataOnly);
        if (!metadataOnly && wanted.bytes() > 0) {
            return rounds(wanted);
        }
        if (!metadataOnly) {
            report.round(List.of(), 0); // Nobody has to hold empty files.
        }
        return new Verdict(LoadPhase.COMPLETE, Optional.empty());
    }

    private Verdict rounds(WantedFiles wanted) throws InterruptedException {
        RoaringBitmap givenUp = new RoaringBitmap();
        int retries = spec.retries().orElse(LoadSpec.RETRIES_DEFAULT);
        while (true) {
            RoundResult result = round(wanted, givenUp);
            reasons.keySet().removeIf(file -> !givenUp.contains(file));
            result.reasons().forEach(reasons::putIfAbsent);
            givenUp.or(result.lasting());
            failed = RoaringBitmap.or(givenUp, result.failed());
            if (failed.isEmpty() && result.complete()) {
                return new Verdict(LoadPhase.COMPLETE, Optional.empty());
            }
            boolean hopeless = result.message().isEmpty() && givenUp.contains(result.failed());
            if (hopeless || report.attempts() > retries) {
                return Verdict.failed(result.message().orElseGet(() -> whatIsMissing(wanted)));
            }
            pause(result, wanted);
        }
    }

    private RoundResult round(WantedFiles wanted, RoaringBitmap givenUp) throws InterruptedException {
        List<WorkerRegistration> there = awaitWorkers(Math.max(1, wanted.replicasMax()));
        if (there.isEmpty()) {
            report.attempt();
            return withoutWorkers(wanted);
        }
        LoadPlan plan = LoadPlan.of(wanted, givenUp, there);
        Round round = new Round(
                plan,
                new LoadShare.Order(dataset.namespace(), dataset.name(), List.of()),
                parts.shareIds(),
                parts.client(),
                parts.workers(),
                report.counts(),
                parts.settings().round(),
                parts.metrics().sharesLost::increment,
                this::turn);
        Optional<Round> before = running;
        running = Optional.of(round);
        report.round(round.shares(), givenUp.getLongCardinality());
        parts.metrics().rounds.increment();
        try {
            return round.run();
        } finally {
            before.ifPresent(Round::end); // Only now: until this round had its own, they held what is resident.
        }
    }

    private RoundResult withoutWorkers(WantedFiles wanted) {
        String line = "no worker came within "
                + Durations.format(parts.settings().workerWait()) + ": start one with 'hearth worker'";
        RoaringBitmap all = RoaringBitmap.bitmapOfRange(0, wanted.count());
        return new RoundResult(all, new RoaringBitmap(), Map.of(), Optional.of(line));
    }

    /**
     * Workers to plan with, none if none came in time. After a restart of the master they come back one by one: those
     * that took part before are waited for, so that blocks stay where they are. Later a round has waited for its own.
     */
    private List<WorkerRegistration> awaitWorkers(int workersMin) throws InterruptedException {
        Set<String> before = running.isPresent() ? Set.of() : workersOfAnEarlierLife();
        long deadline = System.nanoTime() + parts.settings().workerWait().toNanos();
        while (true) {
            List<WorkerRegistration> there = parts.workers().live();
            boolean all = there.stream()
                    .map(WorkerRegistration::id)
                    .collect(Collectors.toSet())
                    .containsAll(before);
            boolean waited = System.nanoTime() > deadline;
            if (there.size() >= workersMin && (all || waited)) {
                report.waitFor(Optional.empty());
                return there;
            }
            if (waited) {
                return there; // What is too few is said by who plans.
            }
            report.waitFor(Optional.of("waits for workers: " + there.size() + " there"));
            turn();
            TimeUnit.MILLISECONDS.sleep(TURN_MS);
        }
    }

    private Set<String> workersOfAnEarlierLife() {
        return load.status().workers().stream()
                .map(LoadStatus.WorkerPart::worker)
                .collect(Collectors.toSet());
    }

    private void pause(RoundResult result, WantedFiles wanted) throws InterruptedException {
        long longest = Math.min(
                RETRY_PAUSE_MS_MAX, parts.settings().retryPause().toMillis() << Math.min(report.attempts() - 1, 10));
        String why = result.message().orElseGet(() -> whatIsMissing(wanted));
        LOG.info("load {}: tries again after {} ms: {}", load.status().name(), longest, why);
        report.waitFor(Optional.of("tries again: " + why));
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(longest);
        while (System.nanoTime() < deadline) {
            turn();
            TimeUnit.MILLISECONDS.sleep(Math.min(TURN_MS, longest));
        }
        report.waitFor(Optional.empty());
    }

    private String whatIsMissing(WantedFiles wanted) {
        String first = reasons.entrySet().stream()
                .findFirst()
                .map(reason -> ": " + wanted.reader().path(reason.getKey()) + ": " + reason.getValue())
                .orElse("");
        return failed.getLongCardinality() + " of " + wanted.count() + " files are not resident and verified" + first;
    }

    /** Publishes and saves from time to time; ends the run where somebody wants that. */
    private void turn() {
        if (stopping.getAsBoolean()) {
            throw new Ending(Optional.empty());
        }
        if (load.cancelled()) {
            throw new Ending(Optional.of(LoadPhase.CANCELLED));
        }
        long now = System.nanoTime();
        if (now - publishedNanos >= parts.settings().publishInterval().toNanos()) {
            publishedNanos = now;
            load.publish(report.status(now));
        }
        if (now - savedNanos >= parts.settings().saveInterval().toNanos()) {
            savedNanos = now;
            save();
        }
    }

    private void save() {
        try {
            if (!parts.trees().exists(dataset, load.datasetUid())) {
                throw new Ending(Optional.of(LoadPhase.FAILED));
            }
            parts.store().put(StoredLoad.of(load.datasetUid(), load.status()));
        } catch (HearthException e) {
            // The bytes arrive all the same; what is not saved now is saved the next time.
            LOG.warn("load {}: its state could not be saved: {}", load.status().name(), e.getMessage());
        }
    }

    /**
     * Before anybody is told. Goes on until the store takes or refuses it: a load that ended for nobody could be joined
     * for ever.
     */
    private void saveLast(LoadStatus last) throws InterruptedException {
        while (true) {
            try {
                parts.store().put(StoredLoad.of(load.datasetUid(), last));
                return;
            } catch (HearthException e) {
                if (stopping.getAsBoolean()) {
                    throw e;
                }
                if (e.kind().action() == FailureKind.Action.STOP) { // Too large: it will not get smaller.
                    LOG.error("load {}: its end cannot be saved: {}", last.name(), e.getMessage());
                    return;
                }
                LOG.warn("load {}: its end could not be saved: {}", last.name(), e.getMessage());
                TimeUnit.MILLISECONDS.sleep(SAVE_PAUSE_MS);
            }
        }
    }

    private void finish(Verdict verdict) throws InterruptedException {
        LoadStatus last = last(verdict);
        saveLast(last);
        parts.metrics().ended(verdict.phase());
        parts.metrics().duration.record(last.durationMs(), TimeUnit.MILLISECONDS);
        parts.metrics().originBytes.increment(last.sources().getOrDefault(LoadStatus.ORIGIN, 0L));
        if (verdict.phase() == LoadPhase.COMPLETE) {
            parts.metrics().verifiedBytes.increment(last.bytes().verified());
        }
        LOG.info(
                "load {} of {}: {} after {} ms{}",
                last.name(),
                dataset,
                last.phase(),
                last.durationMs(),
                last.message().map(line -> ": " + line).orElse(""));
        load.publish(last);
    }

    private LoadStatus last(Verdict verdict) {
        Map<Integer, String> named = failed.isEmpty() ? Map.of() : reasons;
        try {
            return report.ended(verdict.phase(), verdict.message(), failed.getLongCardinality(), named);
        } catch (HearthException e) {
            // The tree went with its dataset, and the names with it.
            return report.ended(verdict.phase(), verdict.message(), failed.getLongCardinality(), Map.of());
        }
    }
}
