package io.hearth.worker.lend;

import io.hearth.protocol.api.LendingStatus;
import io.hearth.worker.tier.GiveBack;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.Tier;
import io.hearth.worker.tier.TierStore;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** The tiers, as what they lend, with the threads that free their files. Thread-safe. */
final class LentTiers implements AutoCloseable {
    /** Files on their way out beyond these are freed by who gives. */
    private static final int QUEUE_MAX = 1024;

    private static final int CLOSE_SECONDS_MAX = 10;

    private final TierStore store;
    private final ThreadPoolExecutor threads;
    private final GiveBack giveBack;

    LentTiers(TierStore store, int freeThreads) {
        this.store = store;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                freeThreads,
                freeThreads,
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE_MAX),
                task -> {
                    Thread thread = new Thread(task, "hearth-lend-free-" + number.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                },
                (task, full) -> task.run());
        threads.allowCoreThreadTimeOut(true);
        giveBack = new GiveBack(store, threads);
    }

    /** Bytes of the tiers of a medium, the last of them first: fills go to the first. Blocks until they are free. */
    Gift give(Medium medium, long wantedBytes) {
        Gift gift = Gift.NOTHING;
        List<Tier> tiers = tiers(medium).toList();
        for (int i = tiers.size() - 1; i >= 0 && gift.bytes() < wantedBytes; i--) {
            gift = gift.and(giveBack.give(tiers.get(i), wantedBytes - gift.bytes()));
        }
        return gift;
    }

    /** Lets memory tiers use more again, as far as their quotas go, the first of them first. */
    void grow(long moreBytes) {
        long leftBytes = moreBytes;
        for (Tier tier : tiers(Medium.MEM).toList()) {
            long before = tier.quotaBytes();
            giveBack.grow(tier, leftBytes);
            leftBytes -= tier.quotaBytes() - before;
        }
    }

    /** Lends everything again, of every medium. */
    void growAll() {
        store.tiers().forEach(tier -> giveBack.grow(tier, tier.spec().quotaBytes()));
    }

    void drain(boolean refuse) {
        store.tiers().forEach(tier -> tier.drain(refuse));
    }

    /** What memory tiers may use now. */
    long allowedBytes() {
        return tiers(Medium.MEM).mapToLong(Tier::quotaBytes).sum();
    }

    /** What memory tiers lend at most. */
    long quotaBytes() {
        return tiers(Medium.MEM).mapToLong(tier -> tier.spec().quotaBytes()).sum();
    }

    /** Whether any tier of any medium may use less than its quota. */
    boolean reduced() {
        return store.tiers().stream()
                .anyMatch(tier -> tier.quotaBytes() < tier.spec().quotaBytes());
    }

    List<LendingStatus.Tier> status() {
        return store.tiers().stream().map(LentTiers::status).toList();
    }

    private static LendingStatus.Tier status(Tier tier) {
        return new LendingStatus.Tier(
                tier.spec().medium().name(),
                tier.spec().directory().toString(),
                tier.spec().quotaBytes(),
                tier.quotaBytes(),
                tier.usedBytes(),
                tier.heldBytes(),
                tier.zombieBytes());
    }

    private Stream<Tier> tiers(Medium medium) {
        return store.tiers().stream().filter(tier -> tier.spec().medium() == medium);
    }

    /** Lets files that are being freed go, within ten seconds. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            threads.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
