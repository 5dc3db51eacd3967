package io.hearth.worker.lend;

import io.hearth.protocol.api.LendingOrder;
import io.hearth.protocol.api.LendingStatus;
import io.hearth.protocol.settings.DataSize;
import io.hearth.worker.net.SendLimit;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.TierStore;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the worker lends, from moment to moment: looks at the node, gives back, grows again, and does so by command. Its
 * state is {@code Draining} while told so, else {@code Yielding} while less than all is lent, else {@code Lending}.
 * Thread-safe.
 */
public final class Lending implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lending.class);
    private static final int CLOSE_SECONDS_MAX = 5;

    private final LentTiers tiers;
    private final NodeSignals signals;
    private final BusyNode busy;
    private final LendMetrics metrics;
    private final Clock clock;
    private final LongSupplier nanoClock;
    private final ScheduledThreadPoolExecutor thread;
    /** Guarded by itself. */
    private final LendPolicy policy;

    private volatile List<LendingStatus.Signal> seen = List.of();
    private volatile boolean draining;
    private volatile State state;
    private volatile String why = "";

    private record State(String name, String since, String reason) {}

    Lending(
            LendSettings settings,
            TierStore store,
            SendLimit limit,
            NodeSignals signals,
            LendMetrics metrics,
            Clock clock,
            LongSupplier nanoClock) {
        this.tiers = new LentTiers(store, settings.freeThreads());
        this.signals = signals;
        this.busy = new BusyNode(
                signals.busy(),
                limit,
                settings.networkBusyRate().map(DataSize::bytes).orElse(0L));
        this.metrics = metrics;
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.policy = new LendPolicy(settings.pace());
        this.state = new State(LendingStatus.LENDING, clock.instant().toString(), "");
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "hearth-lend-watch");
            made.setDaemon(true);
            return made;
        });
        metrics.watchLimit(limit::limited);
    }

    /** Begins to look at this machine's signals. */
    public static Lending start(
            LendSettings settings, TierStore store, SendLimit limit, LendMetrics metrics, Clock clock) {
        Lending lending =
                new Lending(settings, store, limit, NodeSignals.of(settings), metrics, clock, System::nanoTime);
        long intervalMs = settings.lookInterval().toMillis();
        lending.thread.scheduleWithFixedDelay(lending::lookOrComplain, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
        return lending;
    }

    private void lookOrComplain() {
        try {
            look();
        } catch (RuntimeException e) {
            // Thrown on, it would end the looks.
            LOG.error("the node's wish for memory could not be followed", e);
        }
    }

    /** One look, and what follows from it. Blocks while bytes are freed. */
    void look() {
        long begunNanos = nanoClock.getAsLong();
        long nowMs = ms(begunNanos);
        Demand worst = demand(nowMs);
        busy.look(nowMs);
        metrics.looked(nanoClock.getAsLong() - begunNanos);
        LendPolicy.Step step;
        synchronized (policy) {
            step = policy.step(nowMs, worst, tiers.allowedBytes(), tiers.quotaBytes());
        }
        switch (step.kind()) {
            case GIVE -> {
                why = worst.reason();
                give(Medium.MEM, step.bytes());
            }
            case GROW -> grow(step.bytes());
            case KEEP -> enter();
        }
    }

    private Demand demand(long nowMs) {
        Demand worst = Demand.NONE;
        LendingStatus.Signal[] said = new LendingStatus.Signal[signals.memory().size()];
        for (int i = 0; i < said.length; i++) {
            Signal signal = signals.memory().get(i);
            Demand demand = signal.look(nowMs);
            said[i] = new LendingStatus.Signal(
                    signal.name(), demand.want().name().toLowerCase(Locale.ROOT), demand.reason());
            worst = demand.or(worst);
        }
        seen = List.of(said);
        return worst;
    }

    private void grow(long bytes) {
        tiers.grow(bytes);
        metrics.grown();
        LOG.info("memory tiers may use {} again", DataSize.format(tiers.allowedBytes()));
        enter();
    }

    private Gift give(Medium medium, long bytes) {
        long begunNanos = nanoClock.getAsLong();
        // Told before the bytes are free: a reader of the state must not see Lending while files go.
        enter(LendingStatus.YIELDING);
        Gift gift = tiers.give(medium, bytes);
        long nanos = nanoClock.getAsLong() - begunNanos;
        metrics.given(nanos, gift);
        LOG.info(
                "gave {} of {} back in {} ms, and {} when readers let go ({} files, {} leased): {}",
                DataSize.format(gift.freedBytes()),
                medium,
                ms(nanos),
                DataSize.format(gift.laterBytes()),
                gift.files(),
                gift.leasedFiles(),
                why);
        enter();
        return gift;
    }

    /**
     * Gives bytes back by command, now. They are taken again as after any pressure, SSD and HDD only by
     * {@link #resume}. Blocks until they are free.
     *
     * @param bytes above 0
     */
    public LendingOrder.Result give(long bytes, Medium medium) {
        long begunNanos = nanoClock.getAsLong();
        why = "asked for " + DataSize.format(bytes) + " of " + medium;
        synchronized (policy) {
            policy.told(ms(begunNanos));
        }
        return result(give(medium, bytes), begunNanos);
    }

    /** Refuses new bytes in every tier, or takes them again. */
    public LendingOrder.Result drain(boolean begin) {
        draining = begin;
        tiers.drain(begin);
        enter();
        return result(Gift.NOTHING, nanoClock.getAsLong());
    }

    /** Lends everything again at once, and ends a draining. */
    public LendingOrder.Result resume() {
        synchronized (policy) {
            policy.resumed();
        }
        tiers.growAll();
        return drain(false);
    }

    /** Limits what is sent to other nodes for that time; zero ends it until a signal says otherwise. */
    public LendingOrder.Result busy(Duration time) {
        busy.told(ms(nanoClock.getAsLong()), time.toMillis());
        return result(Gift.NOTHING, nanoClock.getAsLong());
    }

    /** Whether the settings name a rate for a busy node. */
    public boolean limitsNetwork() {
        return busy.limits();
    }

    private LendingOrder.Result result(Gift gift, long begunNanos) {
        return new LendingOrder.Result(
                gift.freedBytes(),
                gift.laterBytes(),
                gift.files(),
                gift.leasedFiles(),
                ms(nanoClock.getAsLong() - begunNanos),
                status());
    }

    private void enter() {
        enter(tiers.reduced() ? LendingStatus.YIELDING : LendingStatus.LENDING);
    }

    private synchronized void enter(String undrained) {
        String name = draining ? LendingStatus.DRAINING : undrained;
        String reason = name.equals(LendingStatus.YIELDING) ? why : "";
        if (!state.name().equals(name)) {
            LOG.info("{} now{}", name, reason.isEmpty() ? "" : ": " + reason);
            state = new State(name, clock.instant().toString(), reason);
            metrics.state(name);
        } else if (!state.reason().equals(reason)) {
            state = new State(name, state.since(), reason);
        }
    }

    /** The name of the state: see {@link LendingStatus}. Never blocks. */
    public String state() {
        return state.name();
    }

    /** Everything as it stands. Never blocks for long. */
    public LendingStatus status() {
        State now = state;
        return new LendingStatus(
                now.name(),
                now.since(),
                now.reason(),
                tiers.status(),
                seen,
                busy.reason().isPresent(),
                busy.reason().orElse(""));
    }

    private static long ms(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /** Ends the looks; a gift under way is waited for, within 17 seconds in all. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        signals.close();
        tiers.close();
    }
}
