package io.hearth.client.read;

import io.hearth.client.FileTaker;
import io.hearth.client.Intents;
import io.hearth.client.ObjectReads.OpenObject;
import io.hearth.client.WholeFile;
import io.hearth.client.read.LocalReads.LocalObject;
import io.hearth.client.read.LocalReads.Outcome;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An open object: reads chunk after chunk, and keeps chunks coming. Thread-safe. */
final class OpenStream implements OpenObject {
    /** After a fill failed, nothing is read ahead for this long: a source in trouble gets demand only. */
    private static final long CALM_NS = TimeUnit.SECONDS.toNanos(1);

    /** The kernel's whole read-ahead at once: who only looks at a header asks for less. */
    private static final int OPENING_BYTES_MIN = 128 << 10;

    /** Longer than a near origin takes for a first chunk. */
    private static final long OPENING_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** In pieces of a chunk, as many connections as an origin's file has at most. */
    private static final long OPENING_REACH_MAX = 64L << 20;

    private final StreamedReads reads;
    private final ChunkTable table;
    private final ObjectRef object;
    private final ObjectId id;
    private final ObjectStreams streams;
    private final Intents.Watch watch;
    private final Optional<LocalObject> here;
    /**
     * The origin was late with a stream's first bytes and nobody else reads ahead: many connections are this reader's
     * to keep.
     */
    private volatile boolean eager;

    private volatile long calmUntilNs = System.nanoTime();
    private volatile boolean closed;

    /** @param streams of all who have the object open */
    OpenStream(StreamedReads reads, ObjectRef object, ObjectId id, ObjectStreams streams, Intents.Watch watch) {
        this.reads = reads;
        this.table = reads.table();
        this.object = object;
        this.id = id;
        this.streams = streams;
        this.watch = watch;
        this.here = reads.local().open(reads.context(), object);
    }

    ObjectId id() {
        return id;
    }

    @Override
    public int read(long offset, ByteBuffer target) {
        return read(offset, target, FileTaker.NONE);
    }

    @Override
    public int read(long offset, ByteBuffer target, FileTaker taker) {
        if (offset < 0) {
            throw new HearthException(FailureKind.INVALID, "offset " + offset + " is negative");
        }
        int length = (int) Math.min(target.remaining(), Math.max(0, object.sizeBytes() - offset));
        if (length == 0) {
            return 0;
        }
        long startNs = System.nanoTime();
        watch.read(offset, length);
        ObjectStreams.Reading reading = streams.begin(offset, length, bounds());
        try {
            read(offset, length, target, taker, reading.plan());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.TIMEOUT, "the read was interrupted", e);
        } finally {
            streams.ended(reading);
        }
        streams.brought();
        reads.metrics().read(System.nanoTime() - startNs, length);
        return length;
    }

    /** A header is waited for by itself: what is fetched beside it makes it late, and it says what comes next. */
    private ReadWindow.Bounds bounds() {
        boolean alone = streams.awaitHeader() && reads.hints().listening();
        return alone ? ReadWindow.Bounds.NONE : reads.bounds(eager);
    }

    private void read(long offset, int length, ByteBuffer target, FileTaker taker, ReadWindow.Plan plan)
            throws InterruptedException {
        ChunkTable.Wait wait =
                new ChunkTable.Wait(reads.settings().readTimeout().toMillis(), () -> closed || reads.isClosed());
        if (here.isPresent() && readHere(here.get(), offset, length, target, taker, plan)) {
            return;
        }
        int last = Geometry.chunkOf(offset + length - 1);
        int to = Math.max(last + 1, plan.aheadTo());
        for (long at = offset; at < offset + length; ) {
            int index = Geometry.chunkOf(at);
            int from = (int) (at - Geometry.chunkOffset(index));
            int count = (int) Math.min(offset + length - at, Geometry.CHUNK_BYTES - from);
            boolean opening = at == 0 && length >= OPENING_BYTES_MIN;
            boolean begins = at == offset;
            Optional<ReadWindow.Range> hint = begins ? plan.hint() : Optional.empty();
            Optional<ReadWindow.Range> block = begins ? plan.block() : Optional.empty();
            Chunk chunk = filled(index, new Ask(from + count, to, opening, hint, block, wait));
            try {
                target.put(chunk.bytes(from, from + count));
            } finally {
                table.release(chunk, from + count);
            }
            at += count;
        }
    }

    /** Reads from a file of this node, if it can be had; nothing of it passes through the table. */
    private boolean readHere(
            LocalObject file, long offset, int length, ByteBuffer target, FileTaker taker, ReadWindow.Plan plan)
            throws InterruptedException {
        boolean there = file.has(offset, length);
        long ahead = Math.min(object.sizeBytes(), Geometry.chunkOffset(plan.aheadTo()));
        file.ask(offset, Math.max(offset + length, ahead));
        plan.hint().or(plan::block).ifPresent(this::hint);
        long patienceNs = reads.settings().readTimeout().toNanos();
        boolean opening = offset == 0 && length >= OPENING_BYTES_MIN;
        Outcome outcome = file.read(offset, length, target, taker, opening ? OPENING_NS : patienceNs);
        for (long reach = OPENING_REACH_MAX / 4; outcome == Outcome.LATER && reach <= OPENING_REACH_MAX; reach *= 2) {
            ahead(offset + length, reach).ifPresent(this::hint);
            outcome = file.read(offset, length, target, taker, OPENING_NS);
        }
        if (outcome == Outcome.LATER) {
            outcome = file.read(offset, length, target, taker, patienceNs);
        }
        if (outcome == Outcome.READ && there) {
            reads.metrics().chunkHit();
        } else if (outcome == Outcome.READ) {
            reads.metrics().chunkMiss();
        }
        return outcome == Outcome.READ;
    }

    /**
     * What is wanted of a chunk, and beside it.
     *
     * @param end of the bytes wanted
     * @param to end of the chunks to read ahead
     * @param opening whether it is a stream's first read
     * @param block to be fetched whole
     */
    private record Ask(
            int end,
            int to,
            boolean opening,
            Optional<ReadWindow.Range> hint,
            Optional<ReadWindow.Range> block,
            ChunkTable.Wait bound) {}

    private void hint(ReadWindow.Range range) {
        reads.hints().prefetch(reads.context(), object, range.from(), range.to() - range.from());
    }

    /** Left to whoever caches, which has more room than this; read ahead where nobody does. */
    private void wholeBlock(ReadWindow.Range block) {
        if (reads.hints().listening()) {
            hint(block);
        } else {
            readAhead(Geometry.chunkOf(block.from()), Geometry.chunkOf(block.to() - 1) + 1);
        }
    }

    /** A held chunk that has its bytes up to {@code end}. What others fetched in vain is fetched once more. */
    private Chunk filled(int index, Ask ask) throws InterruptedException {
        boolean first = true;
        while (true) {
            ChunkTable.Held held = table.hold(key(index), lengthOf(index), ask.bound());
            Chunk chunk = held.chunk();
            try {
                count(chunk, ask.end());
                if (held.fresh()) {
                    start(runFrom(chunk, ask.to()));
                }
                if (first) {
                    readAhead(index + 1, ask.to());
                    ask.hint().ifPresent(this::hint); // Before the wait: an origin may take seconds for a chunk.
                    ask.block().ifPresent(this::wholeBlock);
                }
                if (ask.opening()) {
                    awaitOpening(chunk, ask);
                }
                table.await(chunk, ask.end(), ask.bound());
                return chunk;
            } catch (HearthException e) {
                table.release(chunk, 0);
                boolean othersFault = first && !held.fresh() && e.kind().action() != FailureKind.Action.STOP;
                if (!othersFault || closed || reads.isClosed()) {
                    throw e;
                }
                first = false;
            } catch (InterruptedException e) {
                table.release(chunk, 0);
                throw e;
            }
        }
    }

    /**
     * Waits for a stream's first bytes for a while. Progress says nothing before they come, and they may take seconds
     * (a chunk at 0.5 MB/s a connection: 2): the longer they take, the more connections the origin needs, so the
     * further it is hinted.
     */
    private void awaitOpening(Chunk chunk, Ask ask) throws InterruptedException {
        for (long reach = OPENING_REACH_MAX / 4; reach <= OPENING_REACH_MAX; reach *= 2) {
            if (table.await(chunk, ask.end(), ask.bound(), OPENING_NS)) {
                return;
            }
            if (reads.hints().listening()) {
                ahead(ask.end(), reach).ifPresent(this::hint);
            } else {
                eager = true;
                int next = chunk.key.index() + 1;
                readAhead(next, aheadEnd(next, reach));
            }
        }
    }

    private int aheadEnd(int next, long bytes) {
        int chunks = (int) Math.min(reads.aheadChunksMax(), bytes / Geometry.CHUNK_BYTES);
        return Math.min(Geometry.chunks(object.sizeBytes()), next + chunks);
    }

    private Optional<ReadWindow.Range> ahead(long from, long bytes) {
        return streams.ahead(from, Math.min(bytes, reads.hintBytesMax()));
    }

    private void count(Chunk chunk, int end) {
        if (table.has(chunk, end)) {
            reads.metrics().chunkHit();
        } else {
            reads.metrics().chunkMiss();
        }
    }

    /** Fetches the missing chunks from {@code from} up to {@code to}, as runs within blocks. */
    private void readAhead(int from, int to) {
        if (System.nanoTime() - calmUntilNs < 0) {
            return;
        }
        for (int index = from; index < to; ) {
            Optional<Chunk> first =
                    table.contains(key(index)) ? Optional.empty() : table.ahead(key(index), lengthOf(index));
            if (first.isPresent()) {
                List<Chunk> run = runFrom(first.get(), to);
                start(run);
                index += run.size();
            } else if (table.contains(key(index))) {
                index++;
            } else {
                reads.metrics().readAheadDropped(to - index);
                return;
            }
        }
    }

    /** {@code first} and the missing chunks after it, up to {@code to}, its block's end, or the end of room. */
    private List<Chunk> runFrom(Chunk first, int to) {
        List<Chunk> run = new ArrayList<>();
        run.add(first);
        int blockEnd = (first.key.index() / Geometry.CHUNKS_PER_BLOCK + 1) * Geometry.CHUNKS_PER_BLOCK;
        for (int index = first.key.index() + 1; index < Math.min(to, blockEnd); index++) {
            Optional<Chunk> next = table.ahead(key(index), lengthOf(index));
            if (next.isEmpty()) {
                break;
            }
            run.add(next.get());
        }
        return run;
    }

    private void start(List<Chunk> run) {
        Fill fill = new Fill(table, run);
        table.filledBy(run, fill);
        fill.start(reads.source(), reads.context(), object).thenAccept(well -> {
            if (!well) {
                calmUntilNs = System.nanoTime() + CALM_NS;
            }
        });
    }

    private Chunk.Key key(int index) {
        return new Chunk.Key(id, index);
    }

    private int lengthOf(int index) {
        return Geometry.chunkLength(index, object.sizeBytes());
    }

    @Override
    public Optional<WholeFile> whole(Duration bound) {
        try {
            return here.isPresent() ? here.get().whole(bound) : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public boolean hasFile() {
        return here.filter(LocalObject::hasFile).isPresent();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        here.ifPresent(LocalObject::close);
        reads.closed(this);
        watch.closed();
    }
}
