package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.roaringbitmap.RoaringBitmap;

/**
 * One cached object: a sparse file of its bytes and a log of which chunks count. A hole reads as zeros, so no byte is
 * read but from a chunk that is {@linkplain #ready ready}: present in the log, and written or checked in this life.
 *
 * <p>Whoever reads, writes or verifies holds the file ({@link #tryHold}, {@link #hold}) and
 * {@linkplain #release releases} it once. An evicted file is unlinked at once and stays whole for its holders. Who only
 * wants it to stay {@linkplain #lease leases} it. Thread-safe. Methods that say "blocks" do disk I/O; the others may be
 * called on an event loop.
 *
 * <p>Its parts: {@link FileChunks} changes what is on disk, {@link ChunkStates} knows which chunks count,
 * {@link FileUse} who holds and leases. One lock, {@code changes}, is taken before those of the parts.
 */
public final class ObjectFile {
    private final Tier tier;
    private final TierEnvironment environment;
    private final ObjectId id;
    private final ChunkLayout layout;
    private final MetaFormat.Header header;
    private final ChunkStates states;
    private final FileChunks chunks;
    private final FileUse use;
    /** The files on disk change under it, but for data in their places. */
    private final Object changes = new Object();

    private volatile long checkedMs;

    ObjectFile(Tier tier, ObjectId id, ChunkLog log, ChunkStates states) {
        this.tier = tier;
        this.environment = tier.environment();
        this.id = id;
        this.header = log.header();
        this.layout = new ChunkLayout(header.object().sizeBytes(), header.chunkBytes());
        this.states = states;
        this.chunks = new FileChunks(tier, id, layout, log, states, changes);
        this.use = new FileUse(tier, layout, states::writtenBlocks);
    }

    /** Takes over the two files that were made for it; held once, and charged with these blocks. */
    void begin(FileHandles made, RoaringBitmap blocks) {
        use.begin(blocks);
        use.hold(made);
        checkedMs = environment.clock().millis();
    }

    /** Charges an earlier life's file with what it may have on disk. */
    void begin() {
        use.begin(states.writtenBlocks());
    }

    public ObjectId id() {
        return id;
    }

    public ObjectRef object() {
        return header.object();
    }

    /** The namespace whose reader first brought the object. */
    public String namespace() {
        return header.namespace();
    }

    public ChunkLayout layout() {
        return layout;
    }

    public Tier tier() {
        return tier;
    }

    /** What the file takes of its tier's quota. */
    public long chargeBytes() {
        return use.chargeBytes();
    }

    /**
     * Whether there is room for the block: it may be written. One that is not {@linkplain TierStore#cover covered} may
     * be not.
     */
    public boolean covers(int block) {
        return use.covers(block);
    }

    /** The blocks that the tier is charged with. */
    RoaringBitmap covered() {
        return use.covered();
    }

    /** What more of its tier's quota it would take with these blocks. */
    long missingBytes(RoaringBitmap blocks) {
        return use.missingBytes(blocks);
    }

    /** Charges the tier with these blocks. Under the store's lock, with room made for them. */
    void cover(RoaringBitmap blocks) {
        use.cover(blocks);
        tier.policy().resized(id, chargeBytes());
    }

    /** A reader wants bytes from there. */
    void read(long position) {
        if (position >= 0) {
            states.read(ChunkLayout.blockOf(layout.chunkOf(position)));
        }
    }

    /** Bytes of the chunks that are present. */
    public long residentBytes() {
        return states.residentBytes();
    }

    /** A copy of the set of present chunks. */
    public RoaringBitmap chunks() {
        return states.present();
    }

    /** Whether the log says that the chunk is here; it may still have to be verified. */
    public boolean has(int chunk) {
        return states.has(chunk);
    }

    /** Whether the chunk's bytes may be read. */
    public boolean ready(int chunk) {
        return states.ready(chunk);
    }

    /** A copy of the set of ready chunks. */
    RoaringBitmap readyChunks() {
        return states.verified();
    }

    /**
     * CRC32C of the chunk if it is ready, in one look: a chunk that is found bad may stop being ready between two.
     */
    public OptionalInt crc(int chunk) {
        return states.crc(chunk);
    }

    /** Whether every chunk is present. */
    public boolean whole() {
        return states.whole();
    }

    /** Whether every chunk is present and was verified in this life. */
    public boolean wholeAndReady() {
        return states.wholeAndReady();
    }

    /**
     * When all its chunks had been read and compared last; 0 if not in this life. A file made in this life begins
     * young.
     */
    public long checkedMs() {
        return checkedMs;
    }

    /** Notes that every chunk that is present was read and compared. */
    public void checked(long nowMs) {
        checkedMs = nowMs;
    }

    /** Holds the file if it is open and not evicted. Never blocks. */
    public boolean tryHold() {
        return use.tryHold();
    }

    /**
     * Holds the file, opening it where needed. Blocks.
     *
     * @return false if it was evicted
     * @throws HearthException if its files cannot be opened
     */
    public boolean hold() {
        synchronized (changes) {
            return use.tryHold() || !use.dead() && use.hold(open());
        }
    }

    private FileHandles open() {
        try {
            TierIo.Handle data = environment.io().open(dataPath());
            try {
                if (data.size() != layout.sizeBytes()) {
                    states.distrust();
                    data.resize(layout.sizeBytes());
                }
                return new FileHandles(data, environment.io().open(tier.metaPath(id)));
            } catch (IOException e) {
                data.close();
                throw e;
            }
        } catch (IOException e) {
            throw TierFailures.of(e, dataPath());
        }
    }

    /** One more hold, by somebody who holds already. */
    public void retain() {
        use.retain();
    }

    /** Ends one hold. The last one of an evicted file gives its bytes back. Never blocks. */
    public void release() {
        switch (use.release()) {
            case GONE ->
                environment.closer().execute(() -> {
                    closeHandles();
                    tier.zombieGone(chargeBytes());
                });
            case FREE -> {
                tier.policy().released(id);
                tier.idle(this);
                lookForUnfilled();
            }
            case IDLE -> tier.idle(this);
            case IN_USE -> {}
        }
    }

    /** Whether somebody reads, sends or fills. */
    public boolean held() {
        return use.held();
    }

    /** Whether a load or a gate counts on it. */
    boolean leased() {
        return use.leased();
    }

    /** Whether somebody reads, sends, fills or leases: such a file is not evicted for room. */
    public boolean pinned() {
        return use.pinned();
    }

    /**
     * Keeps the file from being evicted for room, without keeping it open: a load may lease 100,000 files. An eviction
     * by order ends the lease's effect. Never blocks. Called under the store's lock, which is the one that evicts.
     *
     * @return empty if the file was evicted
     */
    Optional<Lease> lease() {
        Lease lease = new Lease(this, states);
        if (!use.add(lease)) {
            return Optional.empty();
        }
        states.watch(lease.readBack());
        return Optional.of(lease);
    }

    /** Ends the lease; once more is no error. */
    void end(Lease lease) {
        states.unwatch(lease.readBack());
        if (use.remove(lease)) {
            tier.policy().resized(id, chargeBytes());
            tier.policy().released(id);
            lookForUnfilled();
        }
    }

    private void lookForUnfilled() {
        if (takesHuge() && use.takeUnfilled()) {
            environment.closer().execute(this::freeUnfilled);
        }
    }

    /**
     * Frees blocks that have memory and no chunk, because the fill that had it {@linkplain #prepareHuge prepared}
     * failed; what is held again meanwhile is looked at after that. A sealed file keeps them, and is charged. Blocks.
     */
    private void freeUnfilled() {
        synchronized (changes) {
            if (sealed() || condemned() || !tier.punches()) {
                return;
            }
            if (!use.seize()) {
                use.unfilled();
                return;
            }
            try {
                for (int block : states.emptiedBlocks()) {
                    chunks.punch(block);
                    if (!use.uncoverUnpinned(RoaringBitmap.bitmapOf(block))) {
                        use.unfilled(); // A lease came, which covers the whole: it keeps the room.
                    }
                }
            } catch (HearthException e) {
                tier.warn("cannot free a block that was not filled", e);
            } finally {
                use.unseize();
            }
            tier.policy().resized(id, chargeBytes());
        }
    }

    /** Closes the files if nobody holds them. Blocks. */
    void closeIfIdle() {
        synchronized (changes) {
            use.takeIdle().ifPresent(this::close);
        }
    }

    /**
     * Writes one absent chunk: bytes, then record, then bit. Blocks. A chunk that is present is left as it is.
     *
     * @param bytes exactly the chunk's bytes, verified by the caller; consumed
     * @throws HearthException {@link FailureKind#NO_SPACE}, {@link FailureKind#INTERNAL}; the chunk then stays absent
     */
    public void write(int chunk, ByteBuffer bytes, int crc) {
        if (bytes.remaining() != layout.length(chunk)) {
            throw new IllegalArgumentException("chunk " + chunk + " with " + bytes.remaining() + " bytes");
        }
        int block = ChunkLayout.blockOf(chunk);
        if (!covers(block)) {
            // Its room was not asked for; what is on disk counts all the same.
            cover(RoaringBitmap.bitmapOf(block));
        }
        chunks.write(handles(), chunk, bytes, crc);
    }

    /**
     * Where its bytes are, until it leaves its tier; then another file may be there. Made when asked for: two paths for
     * each of 200,000 objects are made at start and kept for nothing.
     */
    public Path dataPath() {
        return tier.dataPath(id);
    }

    /**
     * Makes a present chunk ready by reading it once and comparing checksums; one that fails, or cannot be read, is
     * dropped durably. Blocks.
     *
     * @param scratch read into, of any size above 0
     * @return whether the chunk is ready
     */
    public boolean verify(int chunk, ByteBuffer scratch) {
        return ready(chunk) || chunks.verify(handles(), chunk, scratch);
    }

    /**
     * Reads a present chunk from the file, whether or not it counts as verified, and compares checksums; one that
     * differs, or cannot be read, is dropped durably. Blocks. The caller holds the file.
     *
     * @param scratch read into, of any size above 0
     * @return whether the chunk was here and is right
     */
    public boolean recheck(int chunk, ByteBuffer scratch) {
        return recheck(chunk, scratch, List.of());
    }

    /** @param readBack learns of a chunk that is right, in one step with the comparison */
    boolean recheck(int chunk, ByteBuffer scratch, List<RoaringBitmap> readBack) {
        return has(chunk) && chunks.recheck(handles(), chunk, scratch, readBack);
    }

    /** How many files this one descends from, by copies for another tier. */
    int moves() {
        return header.moves();
    }

    /**
     * Notes durably that a descriptor of the data file is about to leave the worker; once more is no error. From then
     * on the file's bytes are never changed: a chunk that goes bad condemns the file. Blocks. The caller holds the
     * file.
     *
     * @throws HearthException if the mark cannot be written; no descriptor may leave then
     */
    public void seal() {
        chunks.seal(handles());
    }

    /**
     * Whether a descriptor may be out: the mark outlives the worker, as a mapping may. A file of a format version that
     * knows no marks counts as sealed.
     */
    public boolean sealed() {
        return states.sealed();
    }

    /**
     * Whether a chunk went bad after the file was sealed, or the whole file is wrong: no chunk is written to it any
     * more, and {@link TierStore#renew} makes it anew.
     */
    public boolean condemned() {
        return states.condemned();
    }

    /**
     * Reads bytes of one ready chunk, from {@code offset} until {@code target} is full. Blocks.
     *
     * @throws IllegalStateException if the chunk is not ready or the range leaves it
     */
    public void read(long offset, ByteBuffer target) {
        int chunk = layout.chunkOf(offset);
        if (!ready(chunk)) {
            throw new IllegalStateException("chunk " + chunk + " of " + object() + " is not ready");
        }
        if (offset + target.remaining() > layout.offset(chunk) + layout.length(chunk)) {
            throw new IllegalStateException("a read across the border of chunk " + chunk);
        }
        int wanted = target.remaining();
        try {
            if (handles().data().read(target, offset) != wanted) {
                throw new HearthException(FailureKind.CORRUPT, dataPath() + " ends before its object does");
            }
        } catch (IOException e) {
            throw TierFailures.of(e, dataPath());
        }
    }

    /** For sendfile of ready chunks, by a holder. */
    public FileChannel channel() {
        return handles().data().channel();
    }

    /** Sending from {@link #channel} failed: counts against the disk, unless it is the socket's fault. Never blocks. */
    public void sendFailed(IOException why) {
        if (TierFailures.diskNotSocket(why)) {
            tier.health().failed(why);
        }
    }

    /**
     * Frees blocks of a file that nobody holds or leases: their bits go durably, then their bytes. Nobody can hold the
     * file before that is done, so no read or send is under way and none sees a hole. Blocks. Under the store's lock.
     *
     * @return by how much the charge is less, {@code wantedBytes} or more where there is as much; 0 if no part of the
     *     file can go alone: it is in use, or sealed, or its file system or its log forbid it
     */
    long shrink(long wantedBytes) {
        synchronized (changes) {
            if (sealed() || condemned() || !tier.punches() || chunks.logTooLong() || !use.seize()) {
                return 0;
            }
            long before = chargeBytes();
            try {
                freeBlocks(before - wantedBytes);
            } catch (HearthException e) {
                tier.warn("cannot free a part of a file", e);
            } finally {
                use.unseize();
            }
            tier.policy().resized(id, chargeBytes());
            return before - chargeBytes();
        }
    }

    private void freeBlocks(long leftBytes) {
        boolean opened = use.handles().isEmpty();
        if (opened) {
            use.opened(open());
        }
        try {
            for (int block : states.leaving()) {
                if (chargeBytes() <= leftBytes) {
                    break;
                }
                chunks.free(handles(), block);
                use.uncover(RoaringBitmap.bitmapOf(block));
            }
        } finally {
            if (opened) {
                closeHandles();
            }
        }
    }

    /** Whether {@link #prepareHuge} may do anything: a disk thread need not be asked otherwise. */
    public boolean takesHuge() {
        return tier.hugeBlocks().serves();
    }

    /**
     * Gives a block that is about to be filled, and is covered, its memory in huge pages; it then takes half the
     * processor time to write and to read, and a fortieth to free. Nothing fails where it gets none, as it does where that would be
     * dear. Blocks.
     */
    public void prepareHuge(int block) {
        chunks.prepareHuge(block);
    }

    /** As far as it can be done: what stays is charged. Blocks. */
    void freeEmptied() {
        try {
            for (int block : sealed() ? List.<Integer>of() : states.emptiedBlocks()) {
                chunks.punch(block);
            }
        } catch (HearthException e) {
            tier.warn("cannot free evicted blocks", e);
        }
    }

    /** Lets no chunk be present any more, nor come: the file is about to be retired. */
    void disown() {
        states.disown();
    }

    /**
     * Lets nobody hold the file any more, if one holder is its only user and all its chunks are elsewhere: none can
     * come then. That holder goes on, {@linkplain #retire retires} the file and releases it.
     *
     * @param elsewhere chunks of a copy
     */
    boolean closeToNewcomers(RoaringBitmap elsewhere) {
        return use.closeToNewcomers(() -> states.within(elsewhere));
    }

    /**
     * Unlinks; bytes stay for holders. Blocks. Called once, under the store's lock, after the index forgot the file.
     */
    void retire() {
        leave(true);
    }

    /** As {@link #retire}, but the files stay where they are: their disk has failed, and may come back. */
    void abandon() {
        leave(false);
    }

    private void leave(boolean unlink) {
        synchronized (changes) {
            boolean free = use.leave();
            try {
                if (unlink) {
                    ObjectFiles.delete(tier, id);
                }
            } catch (IOException e) {
                tier.warn("cannot delete", TierFailures.of(e, dataPath()));
            }
            if (free) {
                closeHandles();
                tier.freed(chargeBytes());
            }
        }
    }

    private FileHandles handles() {
        return use.handles()
                .orElseThrow(() -> new IllegalStateException("use of a file that nobody holds: " + object()));
    }

    private void closeHandles() {
        use.take().ifPresent(this::close);
    }

    private void close(FileHandles closing) {
        try {
            closing.close();
        } catch (IOException e) {
            tier.warn("cannot close", TierFailures.of(e, dataPath()));
        }
    }
}
