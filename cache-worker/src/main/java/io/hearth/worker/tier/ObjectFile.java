package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.worker.tier.MetaFormat.ChunkRecord;
import io.hearth.worker.tier.MetaFormat.Header;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32C;
import org.roaringbitmap.RoaringBitmap;

/**
 * One cached object: a sparse file of its bytes and a log of which chunks count. A hole reads as zeros, so no byte is
 * read but from a chunk that is {@linkplain #ready ready}: present in the log, and written or checked in this life.
 *
 * <p>Whoever reads, writes or verifies holds the file ({@link #tryHold}, {@link #hold}) and {@linkplain #release releases} it
 * once. An evicted file is unlinked at once and stays whole for its holders. Who only wants it to stay {@linkplain #lease
 * leases} it. Thread-safe. Methods that say "blocks" do disk I/O; the others may be called on an event loop.
 *
 * <p>A long class because one invariant spans it: data, then record, then bit, under two locks taken in the order
 * {@code log}, {@code this}.
 */
public final class ObjectFile {
    private final Tier tier;
    private final TierEnvironment environment;
    private final ObjectId id;
    private final Header header;
    private final ChunkLayout layout;

    private final int[] crcs;
    private final RoaringBitmap present = new RoaringBitmap();
    private final RoaringBitmap verified = new RoaringBitmap();
    private long residentBytes;
    private int holds;
    private final List<Lease> leases = new ArrayList<>(1);
    private boolean dead;
    private boolean sealed;
    private boolean condemned;
    private Handles handles;
    private volatile long checkedMs;

    private final Object log = new Object();
    private long logEnd;

    private record Handles(TierIo.Handle data, TierIo.Handle meta) implements Closeable {
        @Override
        public void close() throws IOException {
            try (data) {
                meta.close();
            }
        }
    }

    private ObjectFile(Tier tier, ObjectId id, Header header) {
        this.tier = tier;
        this.environment = tier.environment();
        this.id = id;
        this.header = header;
        this.layout = new ChunkLayout(header.object().sizeBytes(), header.chunkBytes());
        this.crcs = new int[layout.chunks()];
        this.logEnd = header.bytes();
        this.sealed = !header.knowsSeals();
    }

    /** Makes the two files; the result is held once. Blocks. Nothing is left behind by a failure. */
    static ObjectFile create(Tier tier, ObjectRef object, ObjectId id, String namespace) {
        byte[] bytes = MetaFormat.header(namespace, object, tier.environment().chunkBytes());
        Header header =
                MetaFormat.parse(ByteBuffer.wrap(bytes), tier.environment().chunkBytes());
        ObjectFile file = new ObjectFile(tier, id, header);
        TierIo io = file.environment.io();
        try {
            tier.makeFolder(id);
            // What an unlink that failed has left.
            file.deleteFiles();
            TierIo.Handle data = io.create(file.dataPath());
            try {
                data.resize(object.sizeBytes());
                TierIo.Handle meta = io.create(file.metaPath());
                file.handles = new Handles(data, meta);
                meta.write(ByteBuffer.wrap(bytes), 0);
            } catch (IOException e) {
                try (data) {
                    file.deleteFiles();
                } catch (IOException left) {
                    e.addSuppressed(left);
                }
                throw e;
            }
        } catch (IOException e) {
            file.closeHandles();
            throw TierFailures.of(e, file.dataPath());
        }
        file.holds = 1;
        file.checkedMs = file.environment.clock().millis();
        tier.addHeld(file.chargeBytes());
        return file;
    }

    /**
     * Reads header and records, by one read where {@code buffer} holds them all; cuts a torn tail. Blocks. Not held, nothing
     * left open.
     *
     * @param logBytes size of the metadata file
     * @param buffer read into; of more than {@link MetaFormat#HEADER_BYTES_MAX} bytes
     * @throws HearthException {@link FailureKind#UNSUPPORTED_VERSION} or {@link FailureKind#CORRUPT}, as
     *     {@link MetaFormat#parse}
     */
    static ObjectFile load(Tier tier, ObjectId id, long logBytes, ByteBuffer buffer) {
        Path path = tier.metaPath(id);
        try {
            ObjectFile file;
            try (TierIo.Handle meta = tier.environment().io().openToRead(path)) {
                fill(buffer, meta, 0, logBytes);
                ByteBuffer head = buffer.slice(0, Math.min(MetaFormat.HEADER_BYTES_MAX, buffer.limit()));
                Header header = MetaFormat.parse(head, tier.environment().chunkBytes());
                if (!header.object().id().equals(id)) {
                    throw new HearthException(FailureKind.CORRUPT, "the file's name is not its object's id");
                }
                file = new ObjectFile(tier, id, header);
                file.replay(buffer.position(header.bytes()), meta, logBytes);
            }
            file.cut(logBytes);
            return file;
        } catch (IOException e) {
            throw TierFailures.of(e, path);
        }
    }

    private static void fill(ByteBuffer buffer, TierIo.Handle meta, long from, long to) throws IOException {
        meta.read(buffer.clear().limit((int) Math.min(buffer.capacity(), to - from)), from);
        buffer.flip();
    }

    /** @param buffer what was read of the log, at its first record */
    private void replay(ByteBuffer buffer, TierIo.Handle meta, long logBytes) throws IOException {
        while (buffer.remaining() >= MetaFormat.RECORD_BYTES) {
            Optional<ChunkRecord> next = MetaFormat.readRecord(header, buffer, layout.chunks());
            if (next.isEmpty()) {
                return;
            }
            apply(next.get());
            if (buffer.remaining() < MetaFormat.RECORD_BYTES && logEnd + MetaFormat.RECORD_BYTES <= logBytes) {
                fill(buffer, meta, logEnd, logBytes);
            }
        }
    }

    private void cut(long logBytes) throws IOException {
        if (logEnd < logBytes) {
            try (TierIo.Handle meta = environment.io().open(metaPath())) {
                meta.resize(logEnd);
            }
        }
    }

    private void apply(ChunkRecord next) {
        int chunk = next.chunk();
        if (next.type() == MetaFormat.SEAL) {
            sealed = true;
        } else if (next.type() == MetaFormat.SET) {
            residentBytes += present.checkedAdd(chunk) ? layout.length(chunk) : 0;
            crcs[chunk] = next.crc();
        } else {
            residentBytes -= present.checkedRemove(chunk) ? layout.length(chunk) : 0;
        }
        logEnd += MetaFormat.RECORD_BYTES;
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
        return Tier.chargeBytes(layout.sizeBytes());
    }

    /** Bytes of the chunks that are present. */
    public synchronized long residentBytes() {
        return residentBytes;
    }

    /** A copy of the set of present chunks. */
    public synchronized RoaringBitmap chunks() {
        return present.clone();
    }

    /** Whether the log says that the chunk is here; it may still have to be verified. */
    public synchronized boolean has(int chunk) {
        return present.contains(chunk);
    }

    /** Whether the chunk's bytes may be read. */
    public synchronized boolean ready(int chunk) {
        return verified.contains(chunk);
    }

    /** A copy of the set of ready chunks. */
    synchronized RoaringBitmap readyChunks() {
        return verified.clone();
    }

    /** What is read back is ready, always: both marks go in one step. */
    synchronized Lease.Standing standing(Lease lease, RoaringBitmap wanted, RoaringBitmap newcomers) {
        return new Lease.Standing(
                commonBytes(verified, wanted), commonBytes(lease.readBack(), wanted), commonBytes(verified, newcomers));
    }

    private long commonBytes(RoaringBitmap some, RoaringBitmap others) {
        long chunks = RoaringBitmap.andCardinality(some, others);
        int last = layout.chunks() - 1;
        boolean withLast = chunks > 0 && some.contains(last) && others.contains(last);
        return chunks * layout.chunkBytes() - (withLast ? layout.chunkBytes() - layout.length(last) : 0);
    }

    /**
     * CRC32C of the chunk if it is ready, in one look: a chunk that is found bad may stop being ready between two.
     */
    public synchronized OptionalInt crc(int chunk) {
        return verified.contains(chunk) ? OptionalInt.of(crcs[chunk]) : OptionalInt.empty();
    }

    /** Whether every chunk is present. */
    public synchronized boolean whole() {
        return residentBytes == layout.sizeBytes();
    }

    /** When all its chunks had been read and compared last; 0 if not in this life. A file made in this life begins young. */
    public long checkedMs() {
        return checkedMs;
    }

    /** Notes that every chunk that is present was read and compared. */
    public void checked(long nowMs) {
        checkedMs = nowMs;
    }

    /** Holds the file if it is open and not evicted. Never blocks. */
    public synchronized boolean tryHold() {
        if (dead || handles == null) {
            return false;
        }
        if (!pinned()) {
            tier.addHeld(chargeBytes());
        }
        holds++;
        return true;
    }

    /**
     * Holds the file, opening it where needed. Blocks.
     *
     * @return false if it was evicted
     * @throws HearthException if its files cannot be opened
     */
    public boolean hold() {
        synchronized (log) {
            if (tryHold()) {
                return true;
            }
            synchronized (this) {
                if (dead) {
                    return false;
                }
            }
            Handles opened = open();
            synchronized (this) {
                handles = opened;
                return tryHold();
            }
        }
    }

    private Handles open() {
        try {
            TierIo.Handle data = environment.io().open(dataPath());
            try {
                if (data.size() != layout.sizeBytes()) {
                    distrust();
                    data.resize(layout.sizeBytes());
                }
                return new Handles(data, environment.io().open(metaPath()));
            } catch (IOException e) {
                data.close();
                throw e;
            }
        } catch (IOException e) {
            throw TierFailures.of(e, dataPath());
        }
    }

    /** Somebody else cut the file: every chunk is checked again. */
    private synchronized void distrust() {
        verified.clear();
        leases.forEach(lease -> lease.readBack().clear());
    }

    /** One more hold, by somebody who holds already. */
    public synchronized void retain() {
        if (holds == 0) {
            throw new IllegalStateException("retain of a file that nobody holds");
        }
        holds++;
    }

    /** Ends one hold. The last one of an evicted file gives its bytes back. Never blocks. */
    public void release() {
        boolean last;
        boolean wasDead;
        boolean free;
        synchronized (this) {
            if (holds == 0) {
                throw new IllegalStateException("release of a file that nobody holds");
            }
            last = --holds == 0;
            wasDead = dead;
            free = !pinned() && !wasDead;
            if (free) {
                tier.addHeld(-chargeBytes());
            }
        }
        if (free) {
            tier.policy().released(id);
        }
        if (last && wasDead) {
            environment.closer().execute(() -> {
                closeHandles();
                tier.zombieGone(chargeBytes());
            });
        } else if (last) {
            tier.idle(this);
        }
    }

    /** Whether somebody reads, sends or fills. */
    public synchronized boolean held() {
        return holds > 0;
    }

    /** Whether a load or a gate counts on it. */
    synchronized boolean leased() {
        return !leases.isEmpty();
    }

    /** Whether somebody reads, sends, fills or leases: such a file is not evicted for room. */
    public synchronized boolean pinned() {
        return holds > 0 || !leases.isEmpty();
    }

    /**
     * Keeps the file from being evicted for room, without keeping it open: a load may lease 100,000 files. An eviction by
     * order ends the lease's effect. Never blocks. Called under the store's lock, which is the one that evicts.
     *
     * @return empty if the file was evicted
     */
    synchronized Optional<Lease> lease() {
        if (dead) {
            return Optional.empty();
        }
        if (!pinned()) {
            tier.addHeld(chargeBytes());
        }
        Lease lease = new Lease(this);
        leases.add(lease);
        return Optional.of(lease);
    }

    /** Ends the lease; once more is no error. */
    void end(Lease lease) {
        boolean free;
        synchronized (this) {
            free = leases.remove(lease) && !pinned() && !dead;
            if (free) {
                tier.addHeld(-chargeBytes());
            }
        }
        if (free) {
            tier.policy().released(id);
        }
    }

    /** Closes the files if nobody holds them. Blocks. */
    void closeIfIdle() {
        synchronized (log) {
            Optional<Handles> closing;
            synchronized (this) {
                closing = holds > 0 ? Optional.empty() : takeHandles();
            }
            closing.ifPresent(this::close);
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
        if (has(chunk)) {
            return;
        }
        requireGood();
        Handles open = openHandles();
        try {
            open.data().write(bytes, layout.offset(chunk));
            synchronized (log) {
                append(open, new ChunkRecord(MetaFormat.SET, chunk, crc));
                synchronized (this) {
                    requireGood();
                    crcs[chunk] = crc;
                    verified.add(chunk);
                    residentBytes += present.checkedAdd(chunk) ? layout.length(chunk) : 0;
                }
            }
        } catch (IOException e) {
            throw TierFailures.of(e, dataPath());
        }
        environment.events().residencyChanged(id);
    }

    private synchronized void requireGood() {
        if (condemned) {
            throw new HearthException(
                    FailureKind.INTERNAL, header.object() + " had a bad chunk and is made anew: ask for it again");
        }
    }

    /** Made when asked for: two paths for each of 200,000 objects are made at start and kept for nothing. */
    private Path dataPath() {
        return tier.dataPath(id);
    }

    private Path metaPath() {
        return tier.metaPath(id);
    }

    private void append(Handles open, ChunkRecord next) throws IOException {
        open.meta().write(MetaFormat.record(header.crc(), next), logEnd);
        logEnd += MetaFormat.RECORD_BYTES;
    }

    /**
     * Makes a present chunk ready by reading it once and comparing checksums; one that fails, or cannot be read, is dropped
     * durably. Blocks.
     *
     * @param scratch read into, of any size above 0
     * @return whether the chunk is ready
     */
    public boolean verify(int chunk, ByteBuffer scratch) {
        int expected;
        synchronized (this) {
            if (verified.contains(chunk) || !present.contains(chunk)) {
                return verified.contains(chunk);
            }
            expected = crcs[chunk];
        }
        Optional<Integer> found = crcOnDisk(chunk, scratch);
        synchronized (this) {
            if (verified.contains(chunk) || !present.contains(chunk)) {
                return verified.contains(chunk);
            }
            if (right(found, expected)) {
                verified.add(chunk);
                environment.events().verified();
                return true;
            }
        }
        synchronized (log) {
            if (ready(chunk) || !has(chunk)) {
                return ready(chunk);
            }
            drop(chunk);
            return false;
        }
    }

    private static boolean right(Optional<Integer> found, int expected) {
        return found.isPresent() && found.get() == expected;
    }

    /**
     * Reads a present chunk from the file, whether or not it counts as verified, and compares checksums; one that differs, or
     * cannot be read, is dropped durably. Blocks. The caller holds the file.
     *
     * @param scratch read into, of any size above 0
     * @return whether the chunk was here and is right
     */
    public boolean recheck(int chunk, ByteBuffer scratch) {
        return recheck(chunk, scratch, Optional.empty());
    }

    /** @param lease learns of a chunk that is right, in one step with the comparison */
    boolean recheck(int chunk, ByteBuffer scratch, Optional<Lease> lease) {
        if (!has(chunk)) {
            return false;
        }
        if (compare(chunk, crcOnDisk(chunk, scratch), lease)) {
            return true;
        }
        synchronized (log) {
            // A chunk may have been dropped and written anew while it was read; here, nobody can drop it any more, so
            // nobody writes it.
            if (!has(chunk)) {
                return false;
            }
            if (compare(chunk, crcOnDisk(chunk, scratch), lease)) {
                return true;
            }
            drop(chunk);
            return false;
        }
    }

    private synchronized boolean compare(int chunk, Optional<Integer> found, Optional<Lease> lease) {
        if (!present.contains(chunk) || !right(found, crcs[chunk])) {
            return false;
        }
        if (verified.checkedAdd(chunk)) {
            environment.events().verified();
        }
        lease.ifPresent(known -> known.readBack().add(chunk));
        return true;
    }

    /**
     * Reads and compares every present chunk that was not verified in this life. Blocks. The caller holds the file.
     *
     * @param scratch read into, of any size above 0
     * @return whether every chunk of the object is here and ready
     */
    public boolean verifyWhole(ByteBuffer scratch) {
        for (int chunk : RoaringBitmap.andNot(chunks(), readyChunks()).toArray()) {
            verify(chunk, scratch);
        }
        synchronized (this) {
            return verified.getCardinality() == layout.chunks();
        }
    }

    /**
     * Notes durably that a descriptor of the data file is about to leave the worker; once more is no error. From then on the
     * file's bytes are never changed: a chunk that goes bad condemns the file. Blocks. The caller holds the file.
     *
     * @throws HearthException if the mark cannot be written; no descriptor may leave then
     */
    public void seal() {
        synchronized (log) {
            if (sealed()) {
                return;
            }
            try {
                append(openHandles(), new ChunkRecord(MetaFormat.SEAL, 0, 0));
            } catch (IOException e) {
                throw TierFailures.of(e, metaPath());
            }
            synchronized (this) {
                sealed = true;
            }
        }
    }

    /**
     * Whether a descriptor may be out: the mark outlives the worker, as a mapping may. A file of a format version that knows no
     * marks counts as sealed.
     */
    public synchronized boolean sealed() {
        return sealed;
    }

    /**
     * Whether a chunk went bad after the file was sealed, or the whole file is wrong: no chunk is written to it any more, and {@link TierStore#renew} makes
     * it anew.
     */
    public synchronized boolean condemned() {
        return condemned;
    }

    /** Takes the chunk's bit and marks. Under the lock {@code log}, which keeps the bytes from being written meanwhile. */
    private void drop(int chunk) {
        try {
            append(openHandles(), new ChunkRecord(MetaFormat.CLEAR, chunk, 0));
        } catch (IOException e) {
            // The bit goes all the same; the next life would find the same mismatch.
            tier.warn("cannot log that a bad chunk was dropped", TierFailures.of(e, metaPath()));
        }
        synchronized (this) {
            condemned |= sealed;
            verified.remove(chunk);
            leases.forEach(lease -> lease.readBack().remove(chunk));
            residentBytes -= present.checkedRemove(chunk) ? layout.length(chunk) : 0;
        }
        environment.events().corrupt();
        environment.events().residencyChanged(id);
    }

    private Optional<Integer> crcOnDisk(int chunk, ByteBuffer scratch) {
        CRC32C crc = new CRC32C();
        long at = layout.offset(chunk);
        long end = at + layout.length(chunk);
        try {
            while (at < end) {
                scratch.clear().limit((int) Math.min(scratch.capacity(), end - at));
                int count = openHandles().data().read(scratch, at);
                if (count <= 0) {
                    return Optional.empty();
                }
                crc.update(scratch.flip());
                at += count;
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.of((int) crc.getValue());
    }

    /**
     * Reads bytes of one ready chunk, from {@code offset} until {@code target} is full. Blocks.
     *
     * @throws IllegalStateException if the chunk is not ready or the range leaves it
     */
    public void read(long offset, ByteBuffer target) {
        int chunk = layout.chunkOf(offset);
        if (!ready(chunk)) {
            throw new IllegalStateException("chunk " + chunk + " of " + header.object() + " is not ready");
        }
        if (offset + target.remaining() > layout.offset(chunk) + layout.length(chunk)) {
            throw new IllegalStateException("a read across the border of chunk " + chunk);
        }
        int wanted = target.remaining();
        try {
            if (openHandles().data().read(target, offset) != wanted) {
                throw new HearthException(FailureKind.CORRUPT, dataPath() + " ends before its object does");
            }
        } catch (IOException e) {
            throw TierFailures.of(e, dataPath());
        }
    }

    /** For sendfile of ready chunks, by a holder. */
    public FileChannel channel() {
        return openHandles().data().channel();
    }

    /** Lets no chunk be present any more, nor come: the file is about to be retired. */
    synchronized void disown() {
        condemned = true;
        present.clear();
        verified.clear();
        leases.forEach(lease -> lease.readBack().clear());
        residentBytes = 0;
    }

    /**
     * Lets nobody hold the file any more, if one holder is its only user and all its chunks are elsewhere: none can come
     * then. That holder goes on, {@linkplain #retire retires} the file and releases it.
     *
     * @param elsewhere chunks of a copy
     */
    synchronized boolean closeToNewcomers(RoaringBitmap elsewhere) {
        boolean sole = holds == 1 && leases.isEmpty() && elsewhere.contains(present);
        dead |= sole;
        return sole;
    }

    /** Unlinks; bytes stay for holders. Blocks. Called once, under the store's lock, after the index forgot the file. */
    void retire() {
        leave(true);
    }

    /** As {@link #retire}, but the files stay where they are: their disk has failed, and may come back. */
    void abandon() {
        leave(false);
    }

    private void leave(boolean unlink) {
        synchronized (log) {
            boolean free;
            boolean wasPinned;
            synchronized (this) {
                dead = true;
                free = holds == 0;
                wasPinned = pinned();
            }
            if (wasPinned) {
                tier.addHeld(-chargeBytes());
            }
            try {
                if (unlink) {
                    deleteFiles();
                }
            } catch (IOException e) {
                tier.warn("cannot delete", TierFailures.of(e, dataPath()));
            }
            if (free) {
                closeHandles();
                tier.freed(chargeBytes());
            } else {
                tier.becameZombie(chargeBytes());
            }
        }
    }

    /** Metadata first: a crash in between leaves data without metadata, which start-up removes. */
    private void deleteFiles() throws IOException {
        environment.io().delete(metaPath());
        environment.io().delete(dataPath());
    }

    private synchronized Handles openHandles() {
        if (handles == null) {
            throw new IllegalStateException("use of a file that nobody holds: " + header.object());
        }
        return handles;
    }

    private void closeHandles() {
        takeHandles().ifPresent(this::close);
    }

    private synchronized Optional<Handles> takeHandles() {
        Optional<Handles> taken = Optional.ofNullable(handles);
        handles = null;
        return taken;
    }

    private void close(Handles closing) {
        try {
            closing.close();
        } catch (IOException e) {
            tier.warn("cannot close", TierFailures.of(e, dataPath()));
        }
    }
}
