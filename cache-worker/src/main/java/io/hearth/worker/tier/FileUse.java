package io.hearth.worker.tier;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.roaringbitmap.RoaringBitmap;

/**
 * Who uses one file: holders, for whom it is open, and leases, for which it stays in its tier; whether it has left; and
 * what it takes of the tier's quota, whose accounts are kept here. Thread-safe; never blocks.
 */
final class FileUse {
    private final Tier tier;
    private final FileCharge charge;
    private final Supplier<RoaringBitmap> written;
    private final List<Lease> leases = new ArrayList<>(0);
    private int holds;
    private boolean dead;
    /** Nobody may hold the file for now. */
    private boolean seized;
    /** Whether blocks may be covered that nothing was written to. */
    private boolean loose;
    /** Whether blocks may have memory that nothing was written to, which nobody has looked for. */
    private boolean unfilled;

    private Optional<FileHandles> handles = Optional.empty();

    /** @param written blocks of which bytes may be on disk */
    FileUse(Tier tier, ChunkLayout layout, Supplier<RoaringBitmap> written) {
        this.tier = tier;
        this.charge = new FileCharge(layout);
        this.written = written;
    }

    /** Charges the file, with these blocks to begin with. Called once, before all else. */
    synchronized void begin(RoaringBitmap blocks) {
        charge.add(blocks);
        loose = true;
        tier.charged(charge.bytes());
    }

    /** What the end of a hold leaves to do. */
    enum Released {
        /** Others use the file. */
        IN_USE,
        /** Nobody holds it; some lease it. */
        IDLE,
        /** Nobody holds or leases it. */
        FREE,
        /** It had left, and this was the last hold. */
        GONE
    }

    /** @return false if the file is not open, or has left */
    synchronized boolean tryHold() {
        if (dead || seized || handles.isEmpty()) {
            return false;
        }
        if (!pinned()) {
            tier.addHeld(charge.bytes());
        }
        holds++;
        return true;
    }

    /** Takes over what was opened, and holds; a file that has left meanwhile is not held. */
    synchronized boolean hold(FileHandles opened) {
        handles = Optional.of(opened);
        return tryHold();
    }

    synchronized void retain() {
        if (holds == 0) {
            throw new IllegalStateException("retain of a file that nobody holds");
        }
        holds++;
    }

    synchronized Released release() {
        if (holds == 0) {
            throw new IllegalStateException("release of a file that nobody holds");
        }
        holds--;
        if (dead) {
            return holds == 0 ? Released.GONE : Released.IN_USE;
        }
        if (holds > 0) {
            return Released.IN_USE;
        }
        if (!leases.isEmpty()) {
            return Released.IDLE;
        }
        unpinned();
        return Released.FREE;
    }

    /** Who covered a block to fill it holds or leases the file: now nobody will. */
    private void unpinned() {
        tier.addHeld(-charge.bytes());
        if (loose) {
            loose = false;
            unfilled = true;
            uncover(RoaringBitmap.andNot(charge.covered(), written.get()));
        }
    }

    /** Whether somebody who filled has let go since this was asked last. */
    synchronized boolean takeUnfilled() {
        boolean taken = unfilled;
        unfilled = false;
        return taken;
    }

    /** They are still to be looked for. */
    synchronized void unfilled() {
        unfilled = true;
    }

    /** @return false if the file has left */
    synchronized boolean add(Lease lease) {
        if (dead) {
            return false;
        }
        if (!pinned()) {
            tier.addHeld(charge.bytes());
        }
        leases.add(lease);
        return true;
    }

    /** @return whether nobody holds or leases the file any more, and it has not left */
    synchronized boolean remove(Lease lease) {
        boolean free = leases.remove(lease) && !pinned() && !dead;
        if (free) {
            unpinned();
        }
        return free;
    }

    synchronized boolean held() {
        return holds > 0;
    }

    synchronized boolean leased() {
        return !leases.isEmpty();
    }

    synchronized boolean pinned() {
        return holds > 0 || !leases.isEmpty();
    }

    synchronized boolean dead() {
        return dead;
    }

    synchronized long chargeBytes() {
        return charge.bytes();
    }

    synchronized boolean covers(int block) {
        return charge.covers(block);
    }

    synchronized RoaringBitmap covered() {
        return charge.covered();
    }

    /** What more of the quota it takes to cover these blocks as well. */
    synchronized long missingBytes(RoaringBitmap blocks) {
        return charge.bytesWith(blocks) - charge.bytes();
    }

    /** Charges the blocks, room or not. */
    synchronized void cover(RoaringBitmap blocks) {
        long before = charge.bytes();
        charge.add(blocks);
        loose = true;
        account(charge.bytes() - before);
    }

    /** As {@link #uncover}, unless somebody holds or leases the file, who may count on the room; gives whether. */
    synchronized boolean uncoverUnpinned(RoaringBitmap blocks) {
        if (pinned()) {
            return false;
        }
        uncover(blocks);
        return true;
    }

    synchronized void uncover(RoaringBitmap blocks) {
        long before = charge.bytes();
        charge.remove(blocks);
        account(charge.bytes() - before);
    }

    private void account(long moreBytes) {
        if (dead) {
            tier.zombieGone(-moreBytes);
        } else {
            tier.charged(moreBytes);
            if (pinned()) {
                tier.addHeld(moreBytes);
            }
        }
    }

    /**
     * Lets nobody hold the file until {@link #unseize}, if nobody holds or leases it now.
     *
     * @return false if somebody does, or it has left
     */
    synchronized boolean seize() {
        seized = !dead && !pinned();
        return seized;
    }

    synchronized void unseize() {
        seized = false;
    }

    /** Lets nobody hold the file any more, if one holder is its only user and {@code condition} holds. */
    synchronized boolean closeToNewcomers(BooleanSupplier condition) {
        boolean sole = holds == 1 && leases.isEmpty() && condition.getAsBoolean();
        if (sole) {
            die();
        }
        return sole;
    }

    /**
     * Lets nobody hold or lease the file any more; its charge is that of a zombie where somebody holds it.
     *
     * @return whether nobody holds it now: its charge ends with its files
     */
    synchronized boolean leave() {
        if (!dead) {
            die();
        }
        return holds == 0;
    }

    private void die() {
        if (pinned()) {
            tier.addHeld(-charge.bytes());
        }
        if (holds > 0) {
            tier.becameZombie(charge.bytes());
        }
        dead = true;
    }

    /** The open files, for a holder, or for who has seized the file. */
    synchronized Optional<FileHandles> handles() {
        return handles;
    }

    synchronized void opened(FileHandles opened) {
        handles = Optional.of(opened);
    }

    /** The open files, to be closed by the caller; empty if there are none, or if somebody holds the file. */
    synchronized Optional<FileHandles> takeIdle() {
        return holds > 0 ? Optional.empty() : take();
    }

    synchronized Optional<FileHandles> take() {
        Optional<FileHandles> taken = handles;
        handles = Optional.empty();
        return taken;
    }
}
