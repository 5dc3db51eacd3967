package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.settings.DataSize;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One directory that lends space: its lock, its quota, its accounts. Thread-safe; used through {@link TierStore}. */
public final class Tier implements Closeable {
    static final String DATA_SUFFIX = ".data";
    static final String META_SUFFIX = ".meta";
    static final int HEX_DIGITS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(Tier.class);
    private static final int PAGE_BYTES = 4096;
    /** A floor of half as much as {@link #withinDisk} leaves: a full quota is no shortage. */
    private static final int FLOOR_PART_MAX = 40;

    private static final int FLOOR_SLACK_PART = 8;

    private final TierSpec spec;
    private final TierEnvironment environment;
    private final EvictionPolicy policy;
    private final TierLock lock;
    private final OpenFiles openFiles;
    private final Path objects;
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicLong zombieBytes = new AtomicLong();
    private final AtomicLong heldBytes = new AtomicLong();
    private final Set<ObjectId> foreign = ConcurrentHashMap.newKeySet();
    private final AtomicInteger givingBack = new AtomicInteger();
    /** Whose copies are being made here; the index does not name them yet. */
    private final Set<ObjectId> arriving = ConcurrentHashMap.newKeySet();

    private final TierHealth health;
    private final long floorBytes;
    private volatile long missingBytes;
    private volatile boolean crowded;
    private volatile Optional<ObjectId> newest = Optional.empty();
    private volatile long closedUntilMs;
    private volatile long allowanceBytes;
    private volatile boolean draining;
    private volatile boolean surplus;
    private volatile boolean punches = true;
    private final HugeBlocks hugeBlocks;

    private Tier(TierSpec spec, TierEnvironment environment, EvictionPolicy policy, TierLock lock) {
        this.spec = spec;
        this.health = new TierHealth(spec.directory(), environment.clock(), environment.settings());
        this.environment = environment.with((TierIo) new WatchedTierIo(environment.io(), health::failed));
        this.floorBytes = Math.min(
                environment.settings().floorBytes(spec.medium()),
                environment.space().totalBytes(spec.directory()) / FLOOR_PART_MAX);
        this.hugeBlocks = new HugeBlocks(this.environment.io(), spec, environment.settings());
        this.policy = policy;
        this.lock = lock;
        this.openFiles = new OpenFiles(environment.openFilesMax());
        this.objects = spec.directory().resolve("objects");
        this.allowanceBytes = spec.quotaBytes();
    }

    /** Takes the directory, making it where it is missing. Blocks. */
    public static Tier open(TierSpec spec, TierEnvironment environment, EvictionPolicy policy) {
        TierLock lock = TierLock.take(spec.directory());
        try {
            Tier tier = new Tier(withinDisk(spec, environment.space()), environment, policy, lock);
            Files.createDirectories(tier.objects);
            return tier;
        } catch (IOException e) {
            close(lock, spec);
            throw TierFailures.of(e, spec.directory());
        }
    }

    /** A quota that the disk can never hold would end each time in a full disk: a container's /dev/shm has 64 MiB. */
    private static TierSpec withinDisk(TierSpec spec, FreeSpace space) {
        long room = space.totalBytes(spec.directory()) / 20 * 19;
        if (room <= 0 || spec.quotaBytes() <= room) {
            return spec;
        }
        LOG.warn(
                "tier {} lends {} instead of {}: its disk is no larger",
                spec.directory(),
                DataSize.format(room),
                DataSize.format(spec.quotaBytes()));
        return new TierSpec(spec.medium(), spec.directory(), room, spec.watermarks());
    }

    /**
     * What an object of that size takes of a quota: its pages, and one page of metadata where that counts: the log of a
     * larger object is 16 bytes for each MiB.
     */
    static long chargeBytes(long sizeBytes) {
        return chargeBytes(sizeBytes, sizeBytes);
    }

    /**
     * The same for an object of which {@code coveredBytes} may be on disk; at least a page, for whoever holds it is
     * seen.
     */
    static long chargeBytes(long sizeBytes, long coveredBytes) {
        long pages = (coveredBytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        return sizeBytes < 1 << 20 || pages == 0 ? pages + PAGE_BYTES : pages;
    }

    /** Medium, place, and the quota, lowered to what the disk can hold. */
    public TierSpec spec() {
        return spec;
    }

    /** What may be charged now: the quota of the setting, or less while the node wants some of it back. */
    public long quotaBytes() {
        return Math.min(spec.quotaBytes(), allowanceBytes);
    }

    /** Sets what of the quota may be used; more than the quota is the quota. Evicts nothing: see {@link GiveBack}. */
    void allow(long bytes) {
        allowanceBytes = Math.max(0, bytes);
    }

    /** Whether new bytes are refused until told otherwise; what is here is served on. */
    public void drain(boolean refuse) {
        draining = refuse;
    }

    /** While bytes are given back nothing comes in: what is on its way out still counts, and its paths are in use. */
    void givingBack(boolean begins) {
        givingBack.addAndGet(begins ? 1 : -1);
    }

    /** Bytes charged to the quota: of objects in the index, and of evicted ones that are still held. */
    public long usedBytes() {
        return usedBytes.get() + zombieBytes.get();
    }

    /** Charged bytes of evicted objects that somebody still reads. */
    public long zombieBytes() {
        return zombieBytes.get();
    }

    /** Charged bytes of objects in the index. */
    long liveBytes() {
        return usedBytes.get();
    }

    TierEnvironment environment() {
        return environment;
    }

    EvictionPolicy policy() {
        return policy;
    }

    /** Whether an object of that charge can come in at all, now. */
    boolean takes(ObjectId id, long chargeBytes) {
        return chargeBytes <= quotaBytes()
                && !full()
                && givingBack.get() == 0
                && !foreign.contains(id)
                && !arriving.contains(id);
    }

    /** Whether an object that is here may grow to that charge, now. */
    boolean grows(long chargeBytes) {
        return chargeBytes <= quotaBytes() && !full() && givingBack.get() == 0;
    }

    /** Whether single blocks of files can be freed; false once the file system has said that it cannot. */
    boolean punches() {
        return punches;
    }

    void punchesNot(HearthException why) {
        punches = false;
        LOG.warn("tier {} evicts whole objects alone: {}", spec.directory(), why.getMessage());
    }

    HugeBlocks hugeBlocks() {
        return hugeBlocks;
    }

    /** Whether an object of that charge can come in now, evicting nobody and staying below the high watermark. */
    boolean takesByWatermark(ObjectId id, long chargeBytes) {
        return takes(id, chargeBytes)
                && usedBytes() + chargeBytes <= spec.watermarks().highBytes(quotaBytes());
    }

    /** Whether it was opened with more than its quota, and {@link TierUpkeep} has not evicted all of that yet. */
    public boolean surplus() {
        return surplus;
    }

    void surplus(boolean now) {
        surplus = now;
    }

    /** Whether copies of objects are on their way here. */
    boolean arriving() {
        return !arriving.isEmpty();
    }

    /** A copy of the object is begun here, or ended. */
    void arriving(ObjectId id, boolean begins) {
        if (begins) {
            arriving.add(id);
        } else {
            arriving.remove(id);
        }
    }

    /** Whether a newcomer pushed the tier past its high watermark since it was at the low one. */
    boolean crowded() {
        return crowded;
    }

    void crowded(boolean now) {
        crowded = now;
    }

    /**
     * A reader's or load's object came in, the latest so far; it pushes the tier past its high watermark, or does not.
     */
    void cameIn(ObjectId id) {
        newest = Optional.of(id);
        if (usedBytes() > spec.watermarks().highBytes(quotaBytes())) {
            crowded = true;
        }
    }

    /** Whether this object came in last. */
    boolean newest(ObjectId id) {
        return newest.filter(id::equals).isPresent();
    }

    TierHealth health() {
        return health;
    }

    /** Whether its disk failed: its objects are not in the index until it takes bytes again. */
    public boolean outOfService() {
        return health.out();
    }

    /** Asks the file system for its free space. Takes microseconds. */
    void lookAtSpace() {
        missingBytes = Math.max(0, floorBytes - environment.space().freeBytes(spec.directory()));
    }

    /** What should leave for free space: a little more than is missing, so that the next byte is no shortage again. */
    long wantedBytes() {
        return missingBytes == 0 ? 0 : missingBytes + floorBytes / FLOOR_SLACK_PART;
    }

    /** Bytes that its file system lacked to the floor of free space, at the last look. */
    public long missingBytes() {
        return missingBytes;
    }

    /** Charged bytes that cannot be had for room: of objects that are read, filled or leased, and of zombies. */
    public long heldBytes() {
        return zombieBytes.get() + heldBytes.get();
    }

    /** Whether evicting everybody whom nobody holds or leases would make the room. */
    boolean roomPossible(long chargeBytes) {
        return heldBytes() + chargeBytes <= quotaBytes();
    }

    boolean overQuota(long chargeBytes) {
        return usedBytes() + chargeBytes > quotaBytes();
    }

    /** Takes no new bytes for a while: the disk was full or failed. */
    public void pause(HearthException why) {
        if (!paused()) {
            LOG.warn(
                    "tier {} takes no new bytes for {} ms: {}",
                    spec.directory(),
                    environment.fullPauseMs(),
                    why.getMessage());
        }
        closedUntilMs = environment.clock().millis() + environment.fullPauseMs();
    }

    /**
     * Whether no new bytes are taken now: its disk is full, nearly full or failed, it was opened with more than its
     * quota, or the worker drains.
     */
    public boolean full() {
        return draining || surplus || missingBytes > 0 || health.out() || paused();
    }

    private boolean paused() {
        long leftMs = closedUntilMs - environment.clock().millis();
        return leftMs > 0 && leftMs <= environment.fullPauseMs();
    }

    void charged(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    void freed(long bytes) {
        usedBytes.addAndGet(-bytes);
    }

    void becameZombie(long bytes) {
        zombieBytes.addAndGet(bytes);
        usedBytes.addAndGet(-bytes);
    }

    void zombieGone(long bytes) {
        zombieBytes.addAndGet(-bytes);
    }

    void addHeld(long bytes) {
        heldBytes.addAndGet(bytes);
    }

    void idle(ObjectFile file) {
        openFiles.add(file).ifPresent(eldest -> environment.closer().execute(eldest::closeIfIdle));
    }

    void forget(ObjectFile file) {
        openFiles.remove(file);
    }

    /** Leaves the files of that id alone for this life. */
    void addForeign(ObjectId id, HearthException why) {
        if (foreign.isEmpty()) {
            LOG.warn(
                    "tier {} holds files of another build, left alone: first {}: {}",
                    spec.directory(),
                    metaPath(id),
                    why.getMessage());
        }
        foreign.add(id);
        environment.events().foreignFile();
    }

    void renewed(ObjectFile file) {
        LOG.warn(
                "{} has a bad chunk in {} and is sealed: made anew; whoever holds the old file keeps it",
                file.object(),
                spec.directory());
    }

    void warn(String what, HearthException why) {
        LOG.warn("{}: {}", what, why.getMessage());
    }

    /** The folder that holds the folders of objects. */
    Path objects() {
        return objects;
    }

    /** Makes the folder of an object's files where it is missing. */
    void makeFolder(ObjectId id) throws IOException {
        Path folder = dataPath(id).getParent();
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder);
        }
    }

    Path dataPath(ObjectId id) {
        return path(id, DATA_SUFFIX);
    }

    Path metaPath(ObjectId id) {
        return path(id, META_SUFFIX);
    }

    private Path path(ObjectId id, String suffix) {
        String hex = id.toString();
        return objects.resolve(hex.substring(0, 2)).resolve(hex + suffix);
    }

    /** Gives the directory free for another worker. Files stay. */
    @Override
    public void close() {
        close(lock, spec);
    }

    private static void close(TierLock lock, TierSpec spec) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "cannot unlock " + spec.directory(), e);
        }
    }
}
