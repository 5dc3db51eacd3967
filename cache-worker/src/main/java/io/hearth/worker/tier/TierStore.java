package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.Eviction;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * All tiers of a worker and the index of their objects. An object lives in one tier: the first, in the order given, that
 * is large enough and can make the room by evicting objects that nobody holds or leases. Thread-safe; changes are made
 * under one lock, look-ups take none.
 */
public final class TierStore implements Closeable {
    private static final int SCAN_THREADS = 4;

    private final List<Tier> tiers;
    private final TierEvents events;
    private final Admission admission;
    private final Promotions promotions;
    private final ConcurrentHashMap<ObjectId, ObjectFile> index = new ConcurrentHashMap<>();
    private final Object changes = new Object();

    private TierStore(List<Tier> tiers, TierEnvironment environment) {
        this.tiers = tiers;
        this.events = environment.events();
        this.admission = environment.settings().admission();
        this.promotions = new Promotions(environment.settings().promotionsMax());
    }

    /**
     * Takes the directories and restores what they hold. Blocks: 200,000 objects take seconds, see {@code docs/PERFORMANCE.md}.
     * What is above a quota then leaves by {@link TierUpkeep}.
     *
     * @throws HearthException in one line, if a directory is in use, of another format, or cannot be used; none stays taken
     */
    public static TierStore open(List<TierSpec> specs, TierEnvironment environment, Supplier<EvictionPolicy> policies) {
        List<Tier> tiers = new ArrayList<>();
        AtomicInteger threadNumber = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(
                SCAN_THREADS, task -> new Thread(task, "hearth-tier-scan-" + threadNumber.getAndIncrement()));
        try {
            for (TierSpec spec : specs) {
                tiers.add(Tier.open(spec, environment, policies.get()));
            }
            TierStore store = new TierStore(List.copyOf(tiers), environment);
            for (Tier tier : tiers) {
                store.restore(tier, new TierScan(tier).run(threads));
            }
            return store;
        } catch (RuntimeException | Error e) {
            tiers.forEach(Tier::close);
            throw e;
        } finally {
            threads.shutdownNow();
        }
    }

    private void restore(Tier tier, List<ObjectFile> files) {
        synchronized (changes) {
            for (ObjectFile file : files) {
                restore(tier, file);
            }
            // The quota is smaller than in the life before: nobody waits for 100,000 unlinks.
            tier.surplus(tier.overQuota(0));
        }
    }

    /**
     * Of two copies, as a crash in the middle of a move leaves, the one stays that has all chunks of the other; of two that
     * differ, as a disk that failed for a while leaves, the one that was found first. One that was read in this life stays.
     */
    private void restore(Tier tier, ObjectFile file) {
        tier.charged(file.chargeBytes());
        ObjectFile known = index.get(file.id());
        if (known != null && (inUse(known) || !file.chunks().contains(known.chunks()))) {
            file.retire();
            return;
        }
        if (known != null) {
            retire(known);
        }
        enter(tier, file);
    }

    private static boolean inUse(ObjectFile file) {
        return file.pinned() || !file.readyChunks().isEmpty();
    }

    private void enter(Tier tier, ObjectFile file) {
        index.put(file.id(), file);
        tier.policy().added(file.object(), file.id(), file.chargeBytes());
    }

    public List<Tier> tiers() {
        return tiers;
    }

    /** The object's file if some tier has it, not held. Never blocks. */
    public Optional<ObjectFile> find(ObjectId id) {
        return Optional.ofNullable(index.get(id));
    }

    /**
     * Tells the eviction policy that the object was read. Never blocks for long.
     *
     * @param position of the first byte that the reader asked for
     */
    public void used(ObjectFile file, long position) {
        file.tier().policy().used(file.id(), position);
        if (file.tier() != tiers.get(0)) {
            promotions.offer(file);
        }
    }

    Promotions promotions() {
        return promotions;
    }

    /** Why a read of an object without room is refused; empty if its bytes pass through instead. */
    public Optional<HearthException> refusal(ObjectRef object) {
        return admission == Admission.REFUSE ? Optional.of(Refusal.of(tiers, object)) : Optional.empty();
    }

    /**
     * The object's file, held once for the caller; made, with room made for it, where no tier has it. Blocks.
     *
     * @param namespace whose reader asks
     * @return empty if the object fits no tier now: read it through uncached
     * @throws HearthException {@link FailureKind#INTERNAL} if it is here and cannot be opened: too many open files
     */
    public Optional<ObjectFile> holdOrCreate(ObjectRef object, ObjectId id, String namespace) {
        ObjectFile known = index.get(id);
        if (known != null && hold(known)) {
            return Optional.of(known);
        }
        synchronized (changes) {
            known = index.get(id);
            if (known != null && hold(known)) {
                return Optional.of(known);
            }
            return create(object, id, namespace);
        }
    }

    /** A lease on the object's file if some tier has it; it counts as a use. Never blocks for long. */
    public Optional<Lease> lease(ObjectId id) {
        synchronized (changes) {
            Optional<ObjectFile> known = Optional.ofNullable(index.get(id));
            known.ifPresent(file -> used(file, EvictionPolicy.WHOLE));
            return known.flatMap(ObjectFile::lease);
        }
    }

    /**
     * A lease on the object's file; made, with room made for it, where no tier has it. Blocks.
     *
     * @param namespace whose load asks
     * @return empty if the object fits no tier now
     */
    public Optional<Lease> leaseOrCreate(ObjectRef object, ObjectId id, String namespace) {
        synchronized (changes) {
            Optional<Lease> known = lease(id);
            if (known.isPresent()) {
                return known;
            }
            Optional<ObjectFile> made = create(object, id, namespace);
            Optional<Lease> lease = made.flatMap(ObjectFile::lease);
            made.ifPresent(ObjectFile::release);
            return lease;
        }
    }

    /** Whether the objects, in that order, could all be leased now; evicts and makes nothing. */
    public Room room(List<Room.Wanted> objects) {
        synchronized (changes) {
            return Room.count(tiers, index, objects);
        }
    }

    /**
     * Holds the file, opening it where needed; one that somebody removed leaves the index. Blocks.
     *
     * @return false if it is gone
     * @throws HearthException {@link FailureKind#INTERNAL} if it cannot be opened: too many open files
     */
    public boolean hold(ObjectFile file) {
        try {
            return file.hold();
        } catch (HearthException e) {
            if (e.kind() != FailureKind.CORRUPT) {
                throw e;
            }
            file.tier().warn("a cached object was removed by somebody else", e);
            synchronized (changes) {
                retire(file);
            }
            return false;
        }
    }

    private Optional<ObjectFile> create(ObjectRef object, ObjectId id, String namespace) {
        for (Tier tier : tiers) {
            Optional<ObjectFile> made = create(tier, object, id, namespace);
            if (made.isPresent()) {
                return made;
            }
        }
        return Optional.empty();
    }

    private Optional<ObjectFile> create(Tier tier, ObjectRef object, ObjectId id, String namespace) {
        long charge = Tier.chargeBytes(object.sizeBytes());
        tier.lookAtSpace();
        if (!tier.takes(id, charge) || !makeRoom(tier, charge)) {
            return Optional.empty();
        }
        try {
            ObjectFile file = ObjectFile.create(tier, object, id, namespace);
            tier.charged(charge);
            enter(tier, file);
            tier.cameIn(id);
            return Optional.of(file);
        } catch (HearthException e) {
            tier.pause(e);
            return Optional.empty();
        }
    }

    private boolean makeRoom(Tier tier, long charge) {
        if (!tier.roomPossible(charge)) {
            return false;
        }
        while (tier.overQuota(charge)) {
            if (!evictOne(tier)) {
                return false;
            }
        }
        return true;
    }

    private boolean evictOne(Tier tier) {
        Optional<ObjectFile> victim = victim(tier);
        victim.ifPresent(this::retire);
        return victim.isPresent();
    }

    /** Who should leave the tier next. */
    Optional<ObjectFile> victim(Tier tier) {
        synchronized (changes) {
            return tier.policy().victim(id -> !index.get(id).pinned()).map(index::get);
        }
    }

    /** Drops the file unless somebody holds or leases it, or it has left already; gives whether it did. Blocks. */
    boolean evictUnlessPinned(ObjectFile file) {
        synchronized (changes) {
            boolean gone = knows(file) && !file.pinned();
            if (gone) {
                retire(file);
            }
            return gone;
        }
    }

    /** Whether the index names this file. */
    boolean knows(ObjectFile file) {
        return index.get(file.id()) == file;
    }

    /**
     * An empty file for a copy of an object that nobody holds or leases; both are held once for the caller. Nobody finds the
     * copy before {@link #replace}. Blocks.
     *
     * @return empty if the object is in use or gone, or does not fit the other tier now
     */
    Optional<ObjectFile> beginMove(ObjectFile from, Tier to) {
        synchronized (changes) {
            boolean fits = to.takesByWatermark(from.id(), from.chargeBytes());
            return fits && knows(from) && !from.pinned() && opened(from) ? copyOf(from, to) : Optional.empty();
        }
    }

    private boolean opened(ObjectFile file) {
        try {
            return hold(file);
        } catch (HearthException e) {
            file.tier().warn("an object that was to move cannot be opened", e);
            return false;
        }
    }

    private static Optional<ObjectFile> copyOf(ObjectFile from, Tier to) {
        try {
            ObjectFile copy = ObjectFile.create(to, from.object(), from.id(), from.namespace());
            to.charged(copy.chargeBytes());
            to.arriving(copy.id(), true);
            return Optional.of(copy);
        } catch (HearthException e) {
            to.pause(e);
            from.release();
            return Optional.empty();
        }
    }

    /** Lets the copy take the file's place and releases both, if no other user and no newer chunk is in the way. Blocks. */
    boolean replace(ObjectFile from, ObjectFile copy) {
        synchronized (changes) {
            if (!knows(from) || !from.closeToNewcomers(copy.chunks())) {
                return false;
            }
            from.tier().policy().removed(from.id());
            from.tier().forget(from);
            enter(copy.tier(), copy);
            copy.tier().arriving(copy.id(), false);
            from.retire();
        }
        from.release();
        copy.release();
        events.residencyChanged(copy.id());
        return true;
    }

    /** Drops the copy and releases the file. Blocks. */
    void abandonMove(ObjectFile from, ObjectFile copy) {
        copy.retire();
        copy.release();
        copy.tier().arriving(copy.id(), false);
        from.release();
    }

    /** Takes every object of a failed disk out of the index and leaves its files alone. */
    void withdraw(Tier tier) {
        synchronized (changes) {
            for (ObjectFile file : index.values()) {
                if (file.tier() == tier) {
                    index.remove(file.id(), file);
                    tier.policy().removed(file.id());
                    tier.forget(file);
                    file.abandon();
                    events.residencyChanged(file.id());
                }
            }
        }
    }

    /** Reads what is on a disk that works again, as at start, and takes it into the index. Blocks, as {@link #open}. */
    void bringBack(Tier tier) {
        List<ObjectFile> files = new TierScan(tier).run(Runnable::run);
        // Nobody makes a file here before that is said.
        restore(tier, files);
        tier.health().back();
        files.forEach(file -> events.residencyChanged(file.id()));
    }

    /** Drops objects, held, leased or not; holders keep their bytes. Blocks. */
    public Eviction.Result evict(Collection<ObjectId> ids) {
        long objects = 0;
        long bytes = 0;
        for (ObjectId id : ids) {
            synchronized (changes) {
                ObjectFile file = index.get(id);
                if (file != null) {
                    objects++;
                    bytes += file.residentBytes();
                    retire(file);
                }
            }
        }
        return new Eviction.Result(objects, bytes);
    }

    /**
     * Makes a {@linkplain ObjectFile#condemned condemned} file anew, and does nothing for any other: from now on the object has
     * new files, to which the good chunks are copied in the background, while the old ones live on, unlinked, for those who hold
     * them. Where there is no room for both, the object leaves. Blocks. The caller holds the file.
     */
    public void renew(ObjectFile file) {
        Optional<ObjectFile> made;
        synchronized (changes) {
            if (!file.condemned() || index.get(file.id()) != file) {
                return;
            }
            retire(file);
            made = create(file.tier(), file.object(), file.id(), file.namespace());
        }
        file.tier().renewed(file);
        made.ifPresent(fresh -> {
            file.retain();
            file.tier().environment().closer().execute(() -> copy(file, fresh));
        });
    }

    private void copy(ObjectFile from, ObjectFile to) {
        try {
            Renewal.copy(from, to);
        } catch (HearthException e) {
            from.tier().warn("a file with a bad chunk was made anew in part", e);
        } finally {
            to.release();
            from.release();
        }
        dropIfUnused(to);
    }

    /**
     * Drops a file whose bytes are not the object's, though they match their checksums. Unlike the bytes of an evicted file,
     * these are not served on to those who hold it. Blocks.
     */
    public void quarantine(ObjectFile file) {
        synchronized (changes) {
            file.disown();
            retire(file);
        }
    }

    /** Drops a file that was made and got no chunk, if it is still in the index. Blocks. */
    public void dropIfEmpty(ObjectFile file) {
        synchronized (changes) {
            if (file.residentBytes() == 0) {
                retire(file);
            }
        }
    }

    /** Drops a file that got no chunk, unless somebody holds or leases it. Blocks. */
    public void dropIfUnused(ObjectFile file) {
        synchronized (changes) {
            if (file.residentBytes() == 0 && !file.pinned()) {
                retire(file);
            }
        }
    }

    private void retire(ObjectFile file) {
        if (forget(file)) {
            free(file);
        }
    }

    private boolean forget(ObjectFile file) {
        if (!index.remove(file.id(), file)) {
            return false;
        }
        file.tier().policy().removed(file.id());
        file.tier().forget(file);
        return true;
    }

    /** Frees a file that has left the index; its paths are not used again before. Blocks. */
    void free(ObjectFile file) {
        long residentBytes = file.residentBytes();
        file.retire();
        events.evicted(residentBytes);
        events.residencyChanged(file.id());
    }

    /**
     * Takes files out of the index that nobody holds or leases, in the policy's order; the caller frees them. Blocks for no
     * file's I/O.
     *
     * @param overBytes of charge to get rid of
     * @param filesMax at most so many, so that others get the lock in between
     */
    List<ObjectFile> takeOut(Tier tier, long overBytes, int filesMax) {
        List<ObjectFile> taken = new ArrayList<>();
        long leftBytes = overBytes;
        synchronized (changes) {
            while (leftBytes > 0 && taken.size() < filesMax) {
                Optional<ObjectFile> victim = victim(tier);
                if (victim.isEmpty() || !forget(victim.get())) {
                    break;
                }
                leftBytes -= victim.get().chargeBytes();
                taken.add(victim.get());
            }
        }
        return taken;
    }

    /** Takes this file out of the index; the caller frees it. */
    boolean takeOut(ObjectFile file) {
        synchronized (changes) {
            return forget(file);
        }
    }

    /** Charged bytes of a tier's objects in the index, once who makes one now is done. */
    long liveBytes(Tier tier) {
        synchronized (changes) {
            return tier.liveBytes();
        }
    }

    /** What a tier's files take in truth: their charge less their holes, and files that somebody still reads. */
    long presentBytes(Tier tier) {
        return tier.zombieBytes()
                + files(tier).mapToLong(TierStore::presentBytes).sum();
    }

    private static long presentBytes(ObjectFile file) {
        return file.chargeBytes() - (file.layout().sizeBytes() - file.residentBytes());
    }

    Stream<ObjectFile> files(Tier tier) {
        return index.values().stream().filter(file -> file.tier() == tier);
    }

    /** How many objects the tiers hold. */
    public int size() {
        return index.size();
    }

    /** The files as they stand; weakly consistent. */
    public Collection<ObjectFile> files() {
        return List.copyOf(index.values());
    }

    /** Closes what is open and gives the directories free. Files stay. Nobody may hold a file any more. Blocks. */
    @Override
    public void close() {
        index.values().forEach(ObjectFile::closeIfIdle);
        tiers.forEach(Tier::close);
    }

    /** Whether the kind means that the bytes could not be kept, though they can be read through. */
    public static boolean keepFailure(FailureKind kind) {
        return kind == FailureKind.NO_SPACE || kind == FailureKind.INTERNAL;
    }
}
