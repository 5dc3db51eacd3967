package io.hearth.worker.tier;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Keeps tiers within their bounds before anybody has to wait: evicts from the high watermark down to the low one, keeps
 * the floor of free space, moves objects between tiers, takes failed disks out and back. {@link #turn} does a little of
 * each; one thread's. Rules and reasons: {@code docs/decisions/0009-tiers.md}.
 */
public final class TierUpkeep {
    /** So that a fill gets the store's lock in between: each takes about as long as two unlinks. */
    private static final int VICTIMS_MAX = 256;

    /** Under the store's lock: 1.2 ms a block of a tmpfs, 3.2 ms of ext4, on busy cores. */
    private static final long PART_BYTES_MAX = 16L << 23;

    private static final long BURST_NANOS = 20_000_000;
    private static final long NANOS = 1_000_000_000;

    private final TierStore store;
    private final TierSettings settings;
    private final UpkeepEvents events;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final TierService service;
    private final ByteBuffer buffer;
    private Optional<Move> move = Optional.empty();
    private long creditBytes;
    private long creditedNanos;

    /** @param nanoTime as {@link System#nanoTime}, for the rate of moves */
    public TierUpkeep(TierStore store, TierEnvironment environment, UpkeepEvents events, LongSupplier nanoTime) {
        this.store = store;
        this.settings = environment.settings();
        this.events = events;
        this.clock = environment.clock();
        this.nanoTime = nanoTime;
        this.service = new TierService(store, environment.io());
        this.buffer = ByteBuffer.allocateDirect(environment.chunkBytes());
        this.creditedNanos = nanoTime.getAsLong();
    }

    /**
     * Does what is due. Blocks for some unlinks and for the copying of what the rate allows.
     *
     * @return whether a move or the eviction of a surplus is under way: the next turn should follow soon
     */
    public boolean turn() {
        boolean shedding = false;
        for (Tier tier : store.tiers()) {
            service.look(tier);
            shedding |= shedSurplus(tier);
            tier.lookAtSpace();
            raiseFloor(tier);
            relieve(tier);
        }
        copy();
        if (move.isEmpty()) {
            promoteOne();
        }
        return move.isPresent() || shedding;
    }

    /**
     * What an earlier life left above the quota of this one; nothing comes in meanwhile. Unlinks outside the store's
     * lock.
     */
    private boolean shedSurplus(Tier tier) {
        if (!tier.surplus()) {
            return false;
        }
        List<ObjectFile> leaving = store.index()
                .takeOut(tier, store.index().liveBytes(tier) - tier.quotaBytes(), VICTIMS_MAX)
                .files();
        for (ObjectFile file : leaving) {
            store.index().free(file);
            events.evictedAhead();
        }
        tier.surplus(store.index().liveBytes(tier) > tier.quotaBytes());
        return leaving.size() == VICTIMS_MAX;
    }

    private void raiseFloor(Tier tier) {
        long wantedBytes = tier.wantedBytes();
        for (int i = 0; i < VICTIMS_MAX && wantedBytes > 0; i++) {
            Optional<ObjectFile> victim = store.index().victim(tier);
            if (victim.isEmpty()) {
                return;
            }
            long residentBytes = victim.get().residentBytes();
            if (evict(victim.get(), wantedBytes)) {
                wantedBytes -= residentBytes - stillThere(victim.get());
            }
        }
    }

    /**
     * An object that alone takes more than the low mark stays: nothing it gave way to could keep the tier as useful.
     */
    private void relieve(Tier tier) {
        long lowBytes = tier.spec().watermarks().lowBytes(tier.quotaBytes());
        for (int i = 0; i < VICTIMS_MAX && tier.crowded(); i++) {
            if (tier.usedBytes() - leavingBytes(tier) <= lowBytes) {
                tier.crowded(false);
                return;
            }
            Optional<ObjectFile> victim = victimAhead(tier);
            if (victim.isEmpty() || victim.get().chargeBytes() > lowBytes) {
                tier.crowded(false);
                return;
            }
            Optional<Tier> next = worthMoving(victim.get()) ? slower(victim.get()) : Optional.empty();
            if (next.isPresent() && move.isPresent()) {
                // It waits for the move before it, unless a fill needs its room meanwhile and takes it.
                return;
            }
            if (next.isEmpty() || !begin(victim.get(), next.get(), false)) {
                evict(victim.get(), tier.usedBytes() - leavingBytes(tier) - lowBytes);
            }
        }
    }

    /**
     * Never the newcomer itself: where all others were read twice it is the policy's choice, in the first moment in
     * which nobody holds it, though its reader is about to ask for more. A fill makes room before it is in the order.
     */
    private Optional<ObjectFile> victimAhead(Tier tier) {
        return store.index().victim(tier).filter(file -> !tier.newest(file.id()));
    }

    /** @param wantedBytes of charge: blocks of a large file may be enough, some at a time */
    private boolean evict(ObjectFile victim, long wantedBytes) {
        boolean whole = wantedBytes >= victim.chargeBytes();
        boolean gone =
                store.index().giveUnlessPinned(victim, whole ? wantedBytes : Math.min(wantedBytes, PART_BYTES_MAX));
        if (gone) {
            events.evictedAhead();
        }
        return gone;
    }

    private long stillThere(ObjectFile file) {
        return store.knows(file) ? file.residentBytes() : 0;
    }

    private long leavingBytes(Tier tier) {
        return move.filter(going -> going.from().tier() == tier && !going.faster())
                .map(going -> going.from().chargeBytes())
                .orElse(0L);
    }

    /** What was read once and never again is worth no copy; weights are: the next replica reads all of them. */
    private static boolean worthMoving(ObjectFile file) {
        return file.residentBytes() > 0
                && (WeightFiles.isOne(file.object()) || file.tier().policy().usedAgain(file.id()));
    }

    private Optional<Tier> slower(ObjectFile file) {
        int own = store.tiers().indexOf(file.tier());
        return store.tiers().stream()
                .skip(own + 1L)
                .filter(tier -> tier.takesByWatermark(file.id(), file.chargeBytes()))
                .findFirst();
    }

    private boolean begin(ObjectFile from, Tier to, boolean faster) {
        move = store.moves()
                .begin(from, to)
                .map(copy -> new Move(
                        store.moves(), from, copy, faster, settings.moveWait().toMillis()));
        return move.isPresent();
    }

    private void copy() {
        credit();
        Move.State state = Move.State.COPYING;
        while (move.isPresent() && creditBytes > 0 && state == Move.State.COPYING) {
            state = move.get().step(buffer, clock.millis());
            creditBytes -= buffer.capacity();
        }
        if (state == Move.State.MOVED) {
            events.moved(move.orElseThrow().faster(), move.orElseThrow().copy().residentBytes());
            move = Optional.empty();
        } else if (state == Move.State.ABANDONED) {
            events.moveAbandoned();
            move = Optional.empty();
        }
    }

    /** What was not used in time is lost, but for a burst as long as a turn may be late. */
    private void credit() {
        long nowNanos = nanoTime.getAsLong();
        double rate = (double) settings.moveRate().bytes() / NANOS;
        long mostBytes = Math.max(buffer.capacity(), (long) (rate * BURST_NANOS));
        creditBytes = Math.min(mostBytes, creditBytes + (long) (rate * (nowNanos - creditedNanos)));
        creditedNanos = nowNanos;
    }

    private void promoteOne() {
        for (ObjectFile file : store.promotions().files()) {
            if (!store.knows(file) || !worthMoving(file)) {
                store.promotions().remove(file);
            } else if (!file.pinned()) {
                store.promotions().remove(file);
                if (faster(file).filter(to -> begin(file, to, true)).isPresent()) {
                    return;
                }
            }
        }
    }

    private Optional<Tier> faster(ObjectFile file) {
        int own = store.tiers().indexOf(file.tier());
        return store.tiers().stream().limit(own).filter(to -> roomIn(to, file)).findFirst();
    }

    /**
     * Makes room of objects that are worth no move themselves: two models never push each other out, back and forth.
     */
    private boolean roomIn(Tier to, ObjectFile file) {
        if (!to.takes(file.id(), file.chargeBytes())
                || file.chargeBytes() > to.spec().watermarks().highBytes(to.quotaBytes())) {
            return false;
        }
        for (int i = 0; i < VICTIMS_MAX && !to.takesByWatermark(file.id(), file.chargeBytes()); i++) {
            Optional<ObjectFile> victim = victimAhead(to);
            if (victim.isEmpty() || worthMoving(victim.get()) || !evict(victim.get(), Long.MAX_VALUE)) {
                return false;
            }
        }
        return to.takesByWatermark(file.id(), file.chargeBytes());
    }

    /** The move under way. */
    Optional<Move> move() {
        return move;
    }

    /** Gives up a move that is under way. */
    void stop() {
        move.ifPresent(Move::abandon);
        move = Optional.empty();
    }
}
