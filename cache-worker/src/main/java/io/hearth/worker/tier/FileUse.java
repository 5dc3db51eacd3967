package io.hearth.worker.tier;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Who uses one file: holders, for whom it is open, and leases, for which it stays in its tier; and whether it has left. Keeps
 * the tier's account of held bytes. Thread-safe; never blocks.
 */
final class FileUse {
    private final Tier tier;
    private final long chargeBytes;
    private final List<Lease> leases = new ArrayList<>(1);
    private int holds;
    private boolean dead;
    private Optional<FileHandles> handles = Optional.empty();

    FileUse(Tier tier, long chargeBytes) {
        this.tier = tier;
        this.chargeBytes = chargeBytes;
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

    /** The first hold, of a file just made. */
    synchronized void begin(FileHandles opened) {
        handles = Optional.of(opened);
        hold();
    }

    /** @return false if the file is not open, or has left */
    synchronized boolean tryHold() {
        return !dead && handles.isPresent() && hold();
    }

    /** Takes over what was opened, and holds; a file that has left meanwhile is not held. */
    synchronized boolean hold(FileHandles opened) {
        handles = Optional.of(opened);
        return tryHold();
    }

    private boolean hold() {
        if (!pinned()) {
            tier.addHeld(chargeBytes);
        }
        holds++;
        return true;
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
        tier.addHeld(-chargeBytes);
        return Released.FREE;
    }

    /** @return false if the file has left */
    synchronized boolean add(Lease lease) {
        if (dead) {
            return false;
        }
        if (!pinned()) {
            tier.addHeld(chargeBytes);
        }
        leases.add(lease);
        return true;
    }

    /** @return whether nobody holds or leases the file any more, and it has not left */
    synchronized boolean remove(Lease lease) {
        boolean free = leases.remove(lease) && !pinned() && !dead;
        if (free) {
            tier.addHeld(-chargeBytes);
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

    /** Lets nobody hold the file any more, if one holder is its only user and {@code condition} holds. */
    synchronized boolean closeToNewcomers(BooleanSupplier condition) {
        boolean sole = holds == 1 && leases.isEmpty() && condition.getAsBoolean();
        dead |= sole;
        return sole;
    }

    /**
     * Lets nobody hold or lease the file any more.
     *
     * @return whether nobody holds it now
     */
    synchronized boolean leave() {
        if (pinned()) {
            tier.addHeld(-chargeBytes);
        }
        dead = true;
        return holds == 0;
    }

    /** The open files, for a holder. */
    synchronized Optional<FileHandles> handles() {
        return handles;
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
