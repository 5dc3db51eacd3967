package io.hearth.prefetch.round;

import io.hearth.master.LiveWorkers;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.LoadShare.Stage;
import io.hearth.protocol.api.LoadShare.Status;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.settings.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.roaringbitmap.RoaringBitmap;

/**
 * One attempt at a load. All shares are reserved, or none is filled; each is then filled and read back; at last every
 * worker's index is asked again, and only what it says then counts. A worker that restarts meanwhile does not know its
 * share any more and gets it anew, so whatever it held is verified anew. Run by one thread; workers' answers reach it
 * through a queue, at most one under way per share.
 */
public final class Round {
    private static final long TICK_MS = 50;
    private static final long LOST_PAUSE_MS = 200;

    /**
     * Shares that wait are asked less often, well within their expiry at the worker: a status of 8,192 items costs it
     * 13 ms.
     */
    private static final int IDLE_POLLS = 10;

    /** However slow the polls are: a sixth of what a share outlives them by default. */
    private static final long IDLE_MS_MAX = 10_000;

    /** Orders under way at once: one has some megabytes, and a load of a million files has 122 for one worker. */
    private static final int ORDERS_MAX = 4;

    /** A worker that comes and goes more often than this in one round is left to the next one. */
    private static final int LOSSES_MAX = 10;

    private final LoadPlan plan;
    private final LoadShare.Order order;
    private final List<Share> shares = new ArrayList<>();
    private final ShareClient client;
    private final LiveWorkers workers;
    private final LoadCounts counts;
    private final RoundLimits limits;
    private final Runnable shareLost;
    private final Runnable turn;
    private final BlockingQueue<Runnable> answers = new LinkedBlockingQueue<>();
    private boolean filling;
    private int orders;

    /**
     * @param order the dataset's names, without items
     * @param ids of new shares
     * @param shareLost told whenever a worker does not answer for its share
     * @param turn called at least every 50 ms or so; what it throws ends the round
     */
    public Round(
            LoadPlan plan,
            LoadShare.Order order,
            Supplier<String> ids,
            ShareClient client,
            LiveWorkers workers,
            LoadCounts counts,
            RoundLimits limits,
            Runnable shareLost,
            Runnable turn) {
        this.plan = plan;
        this.order = order;
        this.client = client;
        this.workers = workers;
        this.counts = counts;
        this.limits = limits;
        this.shareLost = shareLost;
        this.turn = turn;
        plan.shares().forEach(planned -> shares.add(new Share(planned, ids.get(), System.nanoTime())));
    }

    public List<Share> shares() {
        return shares;
    }

    /** Works until every share is settled and what the indexes say is known. */
    public RoundResult run() throws InterruptedException {
        long steps = -1;
        long steppedNanos = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            shares.forEach(share -> act(share, now));
            Runnable answer = answers.poll(TICK_MS, TimeUnit.MILLISECONDS);
            while (answer != null) {
                answer.run();
                answer = answers.poll();
            }
            turn.run();
            if (counts.steps() != steps) {
                steps = counts.steps();
                steppedNanos = System.nanoTime();
            }
            if (System.nanoTime() - steppedNanos > limits.stallTimeout().toNanos()) {
                return missing(Optional.of(
                        "nothing has arrived or been verified for " + Durations.format(limits.stallTimeout())));
            }
            if (!filling && shares.stream().anyMatch(Share::settled)) {
                return missing(Optional.empty()); // All or nothing: no byte was asked for yet.
            }
            if (shares.stream().allMatch(Share::settled) && readBack()) {
                return missing(Optional.empty());
            }
        }
    }

    private void act(Share share, long now) {
        if (share.asking() || share.givenUp().isPresent()) {
            return;
        }
        if (share.stage().equals(Optional.of(Stage.RESERVED)) && mayFill(share)) {
            ask(share, client.fill(share.worker(), share.id()));
        } else if (share.due(now)) {
            if (share.stage().isPresent()) {
                ask(share, share.stage().get());
            } else if (orders >= ORDERS_MAX) {
                return; // Its turn comes.
            } else if (share.lost()) {
                again(share, now);
            } else {
                put(share);
            }
        }
    }

    private void ask(Share share, Stage stage) {
        switch (stage) {
            case RESERVING, FILLING, VERIFYING ->
                ask(share, client.get(share.worker(), share.id(), stage, limits.pollInterval()));
            case FILLED -> ask(share, client.verify(share.worker(), share.id()));
            // Asking keeps the share alive, and tells early of a worker that restarted.
            case RESERVED, VERIFIED -> ask(share, client.get(share.worker(), share.id()));
            case REFUSED -> {} // Settled.
        }
    }

    private boolean mayFill(Share share) {
        filling |= shares.stream().allMatch(Share::reserved);
        return filling
                && shares.stream()
                                .filter(other -> other.worker()
                                        .id()
                                        .equals(share.worker().id()))
                                .filter(other -> other.stage().equals(Optional.of(Stage.FILLING)))
                                .count()
                        < limits.sharesFilling();
    }

    private void put(Share share) {
        turn.run(); // To read 8,192 files takes a while, and a load of many has as many shares.
        LoadShare.Order whole = new LoadShare.Order(order.namespace(), order.dataset(), plan.items(share.planned()));
        CompletableFuture<Status> sent = client.put(share.worker(), share.id(), whole);
        orders++;
        sent.whenComplete((status, failure) -> answers.add(() -> orders--));
        ask(share, sent);
    }

    /** Gives a lost share to its worker again, once that is there. */
    private void again(Share share, long now) {
        Optional<WorkerRegistration> there = workers.live().stream()
                .filter(worker -> worker.id().equals(share.worker().id()))
                .findFirst();
        long lostNanos = now - share.lostSinceNanos();
        if (lostNanos > limits.workerWait().toNanos() || share.losses() > LOSSES_MAX) {
            share.giveUp("worker " + share.worker().id() + share.lostBecause());
        } else {
            there.ifPresent(share::at);
            put(share);
        }
    }

    private void ask(Share share, CompletableFuture<Status> answer) {
        share.asked();
        answer.whenComplete((status, failure) -> answers.add(() -> {
            if (failure == null && !status.worker().equals(share.worker().id())) {
                // Its port was taken over: what another worker holds is not where readers look for it.
                failed(
                        share,
                        new HearthException(
                                FailureKind.UNAVAILABLE,
                                "worker " + status.worker() + " answers at "
                                        + share.worker().adminUri()));
            } else if (failure == null) {
                boolean idle = status.stage() == Stage.RESERVED || status.stage() == Stage.VERIFIED;
                long pause = idle ? idlePauseNanos() : 0;
                counts.change(share, () -> share.answered(status, System.nanoTime() + pause));
            } else {
                failed(share, HearthException.of(failure));
            }
        }));
    }

    private long idlePauseNanos() {
        return Math.min(IDLE_POLLS * limits.pollInterval().toNanos(), TimeUnit.MILLISECONDS.toNanos(IDLE_MS_MAX));
    }

    private void failed(Share share, HearthException why) {
        boolean unknown = why.kind() == FailureKind.NOT_FOUND || why.kind() == FailureKind.CONFLICT;
        boolean stop = why.kind().action() == FailureKind.Action.STOP && !unknown;
        // A worker with too many items of others may have fewer in the next round, not in the next moment.
        boolean full = why.kind() == FailureKind.OVERLOADED && !share.reserved();
        if (stop || full) {
            share.giveUp("worker " + share.worker().id() + ": " + why.getMessage());
            return;
        }
        shareLost.run();
        long now = System.nanoTime();
        counts.change(share, () -> share.lose(why, now, now + TimeUnit.MILLISECONDS.toNanos(LOST_PAUSE_MS)));
    }

    /**
     * Asks every index once more, after the last one was verified. @return false if a share was lost or changed
     * meanwhile: then there is more to do
     */
    private boolean readBack() throws InterruptedException {
        List<Share> asked = shares.stream()
                .filter(share -> share.givenUp().isEmpty() && !share.refused())
                .toList();
        long deadline = System.nanoTime()
                + limits.requestTimeout().plus(Duration.ofSeconds(1)).toNanos();
        drain(asked, deadline); // An answer on its way was perhaps read before the last share was verified.
        asked.stream()
                .filter(share -> !share.asking())
                .forEach(share -> ask(share, client.get(share.worker(), share.id())));
        drain(asked, deadline);
        return shares.stream().allMatch(Share::settled) && asked.stream().noneMatch(Share::asking);
    }

    private void drain(List<Share> asked, long deadline) throws InterruptedException {
        while (asked.stream().anyMatch(Share::asking) && System.nanoTime() < deadline) {
            Runnable answer = answers.poll(TICK_MS, TimeUnit.MILLISECONDS);
            if (answer != null) {
                answer.run();
            }
            turn.run();
        }
    }

    /** What is not there by the last answers; empty if all is. */
    private RoundResult missing(Optional<String> stalled) {
        RoaringBitmap failed = new RoaringBitmap();
        RoaringBitmap lasting = new RoaringBitmap();
        Map<Integer, String> reasons = new LinkedHashMap<>();
        Optional<String> message = stalled;
        for (Share share : shares) {
            message = message.or(() -> share.refused() ? share.status().flatMap(Status::message) : Optional.empty());
            if (share.whole()) {
                continue;
            }
            Map<Integer, LoadShare.Failure> failures = share.failures();
            for (int item = 0; item < share.planned().files().length; item++) {
                if (share.holds(item)) {
                    continue;
                }
                int file = share.planned().files()[item];
                Optional<LoadShare.Failure> failure = Optional.ofNullable(failures.get(item));
                failed.add(file);
                if (failure.filter(Round::lasts).isPresent()) {
                    lasting.add(file);
                }
                if (reasons.size() < LoadStatus.FAILED_PATHS_MAX) {
                    reasons.putIfAbsent(file, reason(share, failure, stalled));
                }
            }
        }
        return new RoundResult(failed, lasting, reasons, failed.isEmpty() ? Optional.empty() : message);
    }

    private static boolean lasts(LoadShare.Failure failure) {
        return FailureKind.ofCode(failure.kind()).action() == FailureKind.Action.STOP;
    }

    private static String reason(Share share, Optional<LoadShare.Failure> failure, Optional<String> stalled) {
        return failure.map(LoadShare.Failure::reason)
                .or(share::givenUp)
                .or(() -> share.status().flatMap(Status::message))
                .or(() -> stalled)
                .orElse("bytes on worker " + share.worker().id()
                        + " were dropped again: they did not match their checksums, or were evicted");
    }

    /** Ends the shares at their workers, without waiting: who does not hear it lets them lapse. */
    public void end() {
        shares.forEach(share -> client.delete(share.worker(), share.id()).exceptionally(failure -> null));
    }
}
