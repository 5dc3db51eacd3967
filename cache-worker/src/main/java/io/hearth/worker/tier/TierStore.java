package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.Eviction;
import io.hearth.worker.tier.Newcomers.Reserve;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.roaringbitmap.RoaringBitmap;

/**
 * All tiers of a worker and the index of their objects. An object lives in one tier: the first, in the order given,
 * that is large enough and can make the room by evicting objects that nobody holds or leases. Thread-safe; changes are
 * made under one lock, look-ups take none.
 */
public final class TierStore implements Closeable {
    private static final int SCAN_THREADS = 4;

    private final List<Tier> tiers;
    private final Admission admission;
    private final Promotions promotions;
    private final TierIndex index;
    private final TierRestore restore;
    private final Newcomers newcomers;
    private final Renewals renewals;
    private final Moves moves;

    private TierStore(List<Tier> tiers, TierEnvironment environment) {
        this.tiers = tiers;
        this.index = new TierIndex(environment.events());
        this.restore = new TierRestore(index, environment.events());
        this.newcomers = new Newcomers(tiers, index);
        this.renewals = new Renewals(index, newcomers);
        this.moves = new Moves(this, index, newcomers, environment.events());
        this.admission = environment.settings().admission();
        this.promotions = new Promotions(environment.settings().promotionsMax());
    }

    /**
     * Takes the directories and restores what they hold. Blocks: 200,000 objects take seconds, see
     * {@code docs/PERFORMANCE.md}. What is above a quota then leaves by {@link TierUpkeep}.
     *
     * @throws HearthException in one line, if a directory is in use, of another format, or cannot be used; none stays
     *     taken
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
                store.restore.start(tier, threads);
            }
            return store;
        } catch (RuntimeException | Error e) {
            tiers.forEach(Tier::close);
            throw e;
        } finally {
            threads.shutdownNow();
        }
    }

    public List<Tier> tiers() {
        return tiers;
    }

    /** The object's file if some tier has it, not held. Never blocks. */
    public Optional<ObjectFile> find(ObjectId id) {
        return index.find(id);
    }

    /**
     * Tells the eviction policy that the object was read. Never blocks for long.
     *
     * @param position of the first byte that the reader asked for
     */
    public void used(ObjectFile file, long position) {
        file.tier().policy().used(file.id(), position);
        file.read(position);
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
        return holdOrCreate(object, id, namespace, Reserve.WHOLE)
                .filter(file -> coverOrRelease(file, file.layout().allBlocks()));
    }

    private boolean coverOrRelease(ObjectFile file, RoaringBitmap blocks) {
        boolean covered = cover(file, blocks);
        if (!covered) {
            file.release();
        }
        return covered;
    }

    /**
     * The same, for a reader who may want some blocks of it only: of an object of many blocks none is
     * {@linkplain #cover covered} yet. Blocks.
     */
    public Optional<ObjectFile> holdOrBegin(ObjectRef object, ObjectId id, String namespace) {
        return holdOrCreate(object, id, namespace, Reserve.FIRST);
    }

    /**
     * Makes room for a block of a file, evicting what nobody holds or leases, and charges its tier. Blocks. The caller
     * holds the file until the block is written, or given up.
     *
     * @return false if there is no room: its bytes pass through
     */
    public boolean cover(ObjectFile file, int block) {
        return file.covers(block) || cover(file, RoaringBitmap.bitmapOf(block));
    }

    private boolean cover(ObjectFile file, RoaringBitmap blocks) {
        synchronized (index) {
            return newcomers.cover(file, blocks);
        }
    }

    private Optional<ObjectFile> holdOrCreate(ObjectRef object, ObjectId id, String namespace, Reserve reserve) {
        Optional<ObjectFile> known = find(id).filter(this::hold);
        if (known.isPresent()) {
            return known;
        }
        synchronized (index) {
            return find(id).filter(this::hold).or(() -> newcomers.create(object, id, namespace, reserve));
        }
    }

    /**
     * A lease on the object's file if some tier has it, with room for all of it; it counts as a use. Blocks where room
     * has to be made.
     */
    public Optional<Lease> lease(ObjectId id) {
        synchronized (index) {
            Optional<ObjectFile> known = find(id);
            known.ifPresent(file -> used(file, EvictionPolicy.WHOLE));
            return known.flatMap(this::leaseWhole);
        }
    }

    /**
     * A lease on what is here of the object; makes no room for the rest, and counts as no use. Never blocks for long.
     */
    public Optional<Lease> leaseWhatIsHere(ObjectId id) {
        synchronized (index) {
            return find(id).flatMap(ObjectFile::lease);
        }
    }

    private Optional<Lease> leaseWhole(ObjectFile file) {
        Optional<Lease> lease = file.lease();
        if (lease.isPresent() && !cover(file, file.layout().allBlocks())) {
            lease.get().close();
            return Optional.empty();
        }
        return lease;
    }

    /**
     * A lease on the object's file; made, with room made for it, where no tier has it. Blocks.
     *
     * @param namespace whose load asks
     * @return empty if the object fits no tier now
     */
    public Optional<Lease> leaseOrCreate(ObjectRef object, ObjectId id, String namespace) {
        synchronized (index) {
            Optional<Lease> known = lease(id);
            if (known.isPresent()) {
                return known;
            }
            if (find(id).isPresent() && !leavesForAnother(find(id).get())) {
                return Optional.empty();
            }
            Optional<ObjectFile> made = newcomers.create(object, id, namespace, Reserve.WHOLE);
            Optional<Lease> lease = made.flatMap(ObjectFile::lease);
            made.ifPresent(ObjectFile::release);
            return lease;
        }
    }

    /** A part of an object whose tier has no room for the rest makes way for the whole in another one. */
    private boolean leavesForAnother(ObjectFile file) {
        boolean free = !file.pinned();
        if (free) {
            index.retire(file);
        }
        return free;
    }

    /** Whether the objects, in that order, could all be leased now; evicts and makes nothing. */
    public Room room(List<Room.Wanted> objects) {
        synchronized (index) {
            return Room.count(tiers, index.byId(), objects);
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
            index.retire(file);
            return false;
        }
    }

    /** Whether the index names this file. */
    boolean knows(ObjectFile file) {
        return index.knows(file);
    }

    /** Drops objects, held, leased or not; holders keep their bytes. Blocks. */
    public Eviction.Result evict(Collection<ObjectId> ids) {
        long objects = 0;
        long bytes = 0;
        for (ObjectId id : ids) {
            synchronized (index) {
                Optional<ObjectFile> file = find(id);
                objects += file.isPresent() ? 1 : 0;
                bytes += file.map(ObjectFile::residentBytes).orElse(0L);
                file.ifPresent(index::retire);
            }
        }
        return new Eviction.Result(objects, bytes);
    }

    /**
     * Makes a {@linkplain ObjectFile#condemned condemned} file anew, and does nothing for any other: from now on the
     * object has new files, to which the good chunks are copied in the background, while the old ones live on,
     * unlinked, for those who hold them. Where there is no room for both, the object leaves. Blocks. The caller holds
     * the file.
     */
    public void renew(ObjectFile file) {
        renewals.renew(file);
    }

    /**
     * Drops a file whose bytes are not the object's, though they match their checksums. Unlike the bytes of an evicted
     * file, these are not served on to those who hold it. Blocks.
     */
    public void quarantine(ObjectFile file) {
        renewals.quarantine(file);
    }

    /** Drops a file that was made and got no chunk, if it is still in the index. Blocks. */
    public void dropIfEmpty(ObjectFile file) {
        renewals.dropIfEmpty(file);
    }

    /** Drops a file that got no chunk, unless somebody holds or leases it. Blocks. */
    public void dropIfUnused(ObjectFile file) {
        renewals.dropIfUnused(file);
    }

    /** For the upkeep of tiers, and for giving back. */
    TierIndex index() {
        return index;
    }

    TierRestore restore() {
        return restore;
    }

    Moves moves() {
        return moves;
    }

    /** How many objects the tiers hold. */
    public int size() {
        return index.size();
    }

    /** The files as they stand; weakly consistent. */
    public Collection<ObjectFile> files() {
        return index.files();
    }

    /** Closes what is open and gives the directories free. Files stay. Nobody may hold a file any more. Blocks. */
    @Override
    public void close() {
        index.files().forEach(ObjectFile::closeIfIdle);
        tiers.forEach(Tier::close);
    }

    /** Whether the kind means that the bytes could not be kept, though they can be read through. */
    public static boolean keepFailure(FailureKind kind) {
        return kind == FailureKind.NO_SPACE || kind == FailureKind.INTERNAL;
    }
}
