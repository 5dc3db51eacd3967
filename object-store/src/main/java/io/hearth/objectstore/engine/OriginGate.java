package io.hearth.objectstore.engine;

import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.engine.OriginQueue.Entry;
import io.hearth.objectstore.engine.OriginQueue.Waiter;
import io.hearth.objectstore.engine.Permit.Outcome;
import io.hearth.objectstore.engine.Permit.Running;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.Durations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * All requests for ranges of one origin: how many at once, who is next, and which of them has come to a bad server.
 * Thread-safe; nothing blocks. Its parts keep no locks of their own: they are used under this one's.
 */
final class OriginGate {
    private final String name;
    private final OriginSettings settings;
    private final OriginMetrics metrics;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanos;
    private final ConcurrencyControl control;
    private final Breaker breaker;
    private final DatasetBudgets budgets;
    private final RangePace pace;
    private final StarvedRanges starved = new StarvedRanges();
    private final OriginQueue queue = new OriginQueue();
    private final Set<Permit> permits = new LinkedHashSet<>();
    private final Map<String, Integer> ofFile = new HashMap<>();
    private final AtomicInteger passes = new AtomicInteger();
    private long turns;
    private boolean retired;
    private int limitTold;
    private int ceilingTold;
    private boolean openTold;
    private boolean pressed;
    private boolean ticking;

    OriginGate(
            String name,
            OriginSettings settings,
            OriginMetrics metrics,
            RandomGenerator random,
            ScheduledExecutorService timer,
            LongSupplier nanos) {
        this.name = name;
        this.settings = settings;
        this.metrics = metrics;
        this.timer = timer;
        this.nanos = nanos;
        this.control = new ConcurrencyControl(settings.concurrencyStart(), settings.connectionsMax());
        this.breaker = new Breaker(settings.breakerFailures(), settings.breakerWaitMax(), random);
        this.budgets = new DatasetBudgets(settings);
        this.pace = new RangePace(settings);
        tell();
    }

    RangePace pace() {
        return pace;
    }

    /** How much of so many bytes to ask for at once, of those whose turn it is. */
    synchronized int pieceBytes(int leftBytes) {
        int sharing = queue.size() > 0 ? control.limit() : permits.size();
        double share = control.bytesPerS() > 0 ? control.bytesPerS() / Math.max(1, sharing) : Double.MAX_VALUE;
        return pace.pieceBytes(leftBytes, share, queue.leftBytes() + leftBytes, control.limit());
    }

    synchronized OriginLane lane(String dataset, String file, Claim claim) {
        return new OriginLane(this, dataset, file, claim, turns++);
    }

    /** @return undoes it: the waiter hears nothing more, unless its turn has come already */
    Runnable join(OriginLane lane, Waiter waiter) {
        Entry entry = new Entry(lane, waiter, nanos.getAsLong());
        Optional<HearthException> refusal;
        synchronized (this) {
            refusal = refusal(lane);
            if (refusal.isEmpty()) {
                queue.add(entry);
                metrics.waiting(1);
            }
        }
        refusal.ifPresent(waiter::refused);
        pump();
        return () -> leave(entry);
    }

    private synchronized void leave(Entry entry) {
        if (queue.remove(entry)) {
            metrics.waiting(-1);
        }
    }

    private Optional<HearthException> refusal(OriginLane lane) {
        if (queue.size() >= settings.queueMax()) {
            return Optional.of(new HearthException(
                    FailureKind.OVERLOADED, queue.size() + " ranges wait for " + name + " already: try again"));
        }
        boolean unlikely = lane.claim().urgency() == Urgency.SPECULATION && !breaker.admits(nanos.getAsLong());
        return unlikely
                ? Optional.of(new HearthException(
                        FailureKind.UNAVAILABLE,
                        name + " failed " + breaker.failures()
                                + " times in a row: nothing is read ahead of it for now"))
                : Optional.empty();
    }

    /** A second request for the same bytes, if the budget bears it; given back like any other. */
    Optional<Permit> hedge(OriginLane lane, int length) {
        synchronized (this) {
            boolean room = permits.size() < control.limit() || !control.capped();
            if (!room || breaker.open() || !pace.hedge(length)) {
                return Optional.empty();
            }
            metrics.hedged(pace.hedgeBytes(length));
            return Optional.of(permit(lane));
        }
    }

    /** Bytes are being asked for, at a turn's beginning: whoever comes next finds the dataset's budget without them. */
    void spend(OriginLane lane, int bytes) {
        budgets.bytes(lane.dataset(), bytes, nanos.getAsLong());
    }

    private Permit permit(OriginLane lane) {
        Permit permit = new Permit(this, lane);
        permits.add(permit);
        ofFile.merge(lane.file(), 1, Integer::sum);
        budgets.request(lane.dataset(), nanos.getAsLong());
        startTicking();
        return permit;
    }

    void released(Permit permit, Outcome outcome) {
        synchronized (this) {
            permits.remove(permit);
            ofFile.computeIfPresent(permit.lane().file(), (file, count) -> count == 1 ? null : count - 1);
            long nowNs = nanos.getAsLong();
            switch (outcome) {
                case GIVEN -> {
                    breaker.succeeded();
                    permit.running().map(Running::progress).ifPresent(pace::ended);
                }
                case REFUSED -> refused(nowNs);
                case FAILED -> breaker.failed(nowNs);
                case OTHER -> {}
            }
            tell();
        }
        pump();
    }

    /** Refused with nothing else under way: it is not how much we ask. */
    private void refused(long nowNs) {
        control.refused(permits.size(), nowNs);
        if (permits.isEmpty()) {
            breaker.failed(nowNs);
        }
    }

    /**
     * Ends what it tells in metrics; false while anything is under way or waits. A lane that outlives this still works.
     */
    synchronized boolean retire() {
        if (!permits.isEmpty() || queue.size() > 0) {
            return false;
        }
        retired = true;
        metrics.level(-limitTold, -ceilingTold);
        if (openTold) {
            metrics.breaker(false);
        }
        return true;
    }

    /** One thread at a time gives turns; a request that ends at once must not deepen the stack. */
    private void pump() {
        if (passes.getAndIncrement() > 0) {
            return;
        }
        int handled = 1;
        do {
            for (Optional<Turn> turn = next(); turn.isPresent(); turn = next()) {
                turn.get().take();
            }
            handled = passes.addAndGet(-handled);
        } while (handled > 0);
    }

    private final class Turn {
        private final Entry entry;
        private final Permit permit;

        Turn(Entry entry, Permit permit) {
            this.entry = entry;
            this.permit = permit;
        }

        void take() {
            if (granted()) {
                synchronized (OriginGate.this) {
                    queue.add(new Entry(entry.lane(), entry.waiter(), nanos.getAsLong()));
                    metrics.waiting(1);
                }
            }
        }

        /** Whatever a waiter throws, the turns of the others go on. */
        private boolean granted() {
            try {
                return entry.waiter().granted(permit);
            } catch (RuntimeException | Error e) {
                permit.release(Outcome.OTHER);
                entry.waiter().refused(HearthException.of(e));
                return false;
            }
        }
    }

    private synchronized Optional<Turn> next() {
        long nowNs = nanos.getAsLong();
        Optional<Entry> best = queue.best(entry -> eligible(entry.lane(), nowNs));
        if (best.isPresent() && permits.size() >= control.limit()) {
            pressed = true;
            return Optional.empty();
        }
        if (queue.size() > 0) {
            startTicking();
        }
        return best.map(entry -> {
            leave(entry);
            metrics.waited(nowNs - entry.sinceNs());
            if (entry.lane().claim().urgency() != Urgency.DEMAND) {
                breaker.probed(nowNs);
            }
            return new Turn(entry, permit(entry.lane()));
        });
    }

    private boolean eligible(OriginLane lane, long nowNs) {
        boolean urgent = lane.claim().urgency() == Urgency.DEMAND;
        return (urgent || breaker.admits(nowNs))
                && ofFile.getOrDefault(lane.file(), 0) < settings.connectionsPerFile()
                && budgets.open(lane.dataset(), nowNs);
    }

    private void startTicking() {
        if (!ticking) {
            ticking = true;
            later();
        }
    }

    private void later() {
        try {
            timer.schedule(this::tick, ConcurrencyControl.LOOK_NS, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            ticking = false; // The process ends.
        }
    }

    /** Looks, once an interval while there is anything to look at. */
    private void tick() {
        List<Running> slow;
        List<Entry> overdue;
        synchronized (this) {
            long nowNs = nanos.getAsLong();
            boolean full = pressed || permits.size() >= control.limit();
            boolean wanted = pressed || full && somebodyWaits(nowNs);
            pressed = false;
            control.look(nowNs, pace.receivedBytes(), full, wanted, pace.firstByteNs());
            slow = slow(nowNs);
            overdue = queue.remove(
                    entry -> nowNs - entry.sinceNs() > settings.queueWait().toNanos());
            metrics.waiting(-overdue.size());
            tell();
            ticking = !permits.isEmpty() || queue.size() > 0;
            if (ticking) {
                later();
            }
        }
        slow.forEach(Running::abandon);
        overdue.forEach(entry -> entry.waiter()
                .refused(new HearthException(
                        FailureKind.TIMEOUT,
                        "no turn at " + name + " within " + Durations.format(settings.queueWait()))));
        pump();
    }

    private boolean somebodyWaits(long nowNs) {
        return queue.best(entry -> eligible(entry.lane(), nowNs)).isPresent();
    }

    private List<Running> slow(long nowNs) {
        List<Running> running = new ArrayList<>();
        permits.forEach(permit -> permit.running().ifPresent(running::add));
        running.forEach(range -> pace.under(range.progress()));
        // Whoever grants no byte twice grants none to a wrong verdict either.
        return settings.hedgePercent() == 0
                ? List.of()
                : starved.look(nowNs, running, pace.rates(), pace.firstByteNs());
    }

    private void tell() {
        if (retired) {
            return;
        }
        metrics.level(control.limit() - limitTold, control.ceiling() - ceilingTold);
        limitTold = control.limit();
        ceilingTold = control.ceiling();
        if (breaker.open() != openTold) {
            openTold = breaker.open();
            metrics.breaker(openTold);
        }
    }
}
