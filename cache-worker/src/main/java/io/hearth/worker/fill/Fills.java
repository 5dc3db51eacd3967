package io.hearth.worker.fill;

import io.hearth.client.SingleFlight;
import io.hearth.client.Source;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.worker.fill.FillSlots.Job;
import io.hearth.worker.memory.SlabPool;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Makes chunks ready: verifies those that are present, fetches those that are not, each once however many readers ask.
 * Thread-safe; nothing blocks the caller. Futures may be completed by disk threads.
 */
public final class Fills implements AutoCloseable {
    /** A chunk that goes bad again right after it was fetched is the disk's fault: give up after this many rounds. */
    private static final int ROUNDS_MAX = 3;

    private static final int CLOSE_SECONDS_MAX = 5;

    private final Source source;
    private final TierStore store;
    private final DiskThreads disk;
    private final SlabPool buffers;
    private final FillSlots slots;
    private final FillSlots streams;
    private final PrefetchSettings ahead;
    private final LongHintPump longHints;
    private final WorkerMetrics metrics;
    private final Consumer<ObjectFile> filled;
    private final ConcurrentHashMap<BlockKey, BlockFill> flights = new ConcurrentHashMap<>();
    /** Transfers of one chunk, by chunk. At most one in a block: they begin where nothing else of it is there. */
    private final ConcurrentHashMap<BlockKey, BlockFill> singles = new ConcurrentHashMap<>();

    private final SingleFlight<BlockKey, Boolean> checks = new SingleFlight<>();
    private volatile boolean closed;

    /** A part of one file; files are told apart by identity, so that an evicted one never meets its successor. */
    private record BlockKey(ObjectFile file, int number) {}

    /**
     * @param streams for transfers that are not kept: they go at their reader's pace and must not stop the fills
     * @param filled told of a file each time a transfer has brought what it was to bring of it; must not block
     */
    public Fills(
            Source source,
            TierStore store,
            DiskThreads disk,
            SlabPool buffers,
            FillSlots slots,
            FillSlots streams,
            PrefetchSettings ahead,
            WorkerMetrics metrics,
            Consumer<ObjectFile> filled) {
        this.source = source;
        this.store = store;
        this.disk = disk;
        this.buffers = buffers;
        this.slots = slots;
        this.streams = streams;
        this.ahead = ahead;
        this.metrics = metrics;
        this.filled = filled;
        this.longHints = new LongHintPump(
                slots,
                disk,
                store,
                ahead,
                metrics,
                (context, file, block) -> queue(context, new BlockKey(file, block)));
        slots.afterEach(longHints::transferEnded);
    }

    /**
     * Done when the chunk is {@linkplain ObjectFile#ready ready}. The rest of its block is fetched along with it.
     *
     * @param file held by the caller until the future is done
     * @return failed with a {@link HearthException}: the source's own; {@link FailureKind#NO_SPACE} or
     *     {@link FailureKind#INTERNAL} if the tier could not keep the bytes; {@link FailureKind#OVERLOADED}
     */
    public CompletableFuture<Void> ensure(RequestContext context, ObjectFile file, int chunk) {
        return ensure(context, file, chunk, false);
    }

    /**
     * As {@link #ensure(RequestContext, ObjectFile, int)}.
     *
     * @param alone for a reader who asks for no other chunk of the block now. The first of them has only that chunk
     *     fetched, the second the rest of the block; an object of one block is fetched whole
     */
    public CompletableFuture<Void> ensure(RequestContext context, ObjectFile file, int chunk, boolean alone) {
        return ensure(context, file, chunk, alone, 1);
    }

    private CompletableFuture<Void> ensure(
            RequestContext context, ObjectFile file, int chunk, boolean alone, int round) {
        if (file.ready(chunk)) {
            return CompletableFuture.completedFuture(null);
        }
        if (round > ROUNDS_MAX) {
            return failed(FailureKind.INTERNAL, "chunk " + chunk + " of " + file.object() + " does not stay readable");
        }
        if (file.has(chunk)) {
            return check(file, chunk).thenCompose(good -> ensure(context, file, chunk, alone, round + 1));
        }
        return fill(context, file, chunk, alone, round);
    }

    private CompletableFuture<Boolean> check(ObjectFile file, int chunk) {
        return checks.join(new BlockKey(file, chunk), () -> {
            file.retain();
            return disk.call(() -> verify(file, chunk)).whenComplete((good, failure) -> file.release());
        });
    }

    private boolean verify(ObjectFile file, int chunk) {
        boolean good = file.verify(chunk, disk.scratch());
        store.renew(file);
        return good;
    }

    private static HearthException condemned(ObjectFile file) {
        return new HearthException(
                FailureKind.INTERNAL, file.object() + " had a bad chunk and is made anew: ask for it again");
    }

    private CompletableFuture<Void> fill(RequestContext context, ObjectFile file, int chunk, boolean alone, int round) {
        if (closed) {
            return failed(FailureKind.UNAVAILABLE, "the worker is stopping");
        }
        if (file.condemned()) {
            return CompletableFuture.failedFuture(condemned(file));
        }
        if (file.tier().full()) {
            return failed(FailureKind.NO_SPACE, "the tier of " + file.object() + " is full");
        }
        Optional<Taken> taken = take(context, new BlockKey(file, chunk / Geometry.CHUNKS_PER_BLOCK), chunk, alone);
        if (taken.isEmpty()) {
            return ensure(context, file, chunk, alone, round);
        }
        BlockFill flight = taken.get().flight();
        if (!taken.get().begun()) {
            if (!flight.want(chunk)) {
                return flight.done()
                        .handle((nothing, failure) -> failure)
                        .thenCompose(failure -> ensure(context, file, chunk, alone, round));
            }
            slots.promote(flight.job());
            buffers.reconsider();
        } else if (!slots.demand(flight.job())) {
            flight.end(
                    Optional.of(new HearthException(FailureKind.OVERLOADED, "too many fills wait already: try again")));
        }
        return flight.chunk(chunk)
                .map(CompletableFuture::copy)
                .orElseGet(() -> flight.done()
                        .handle((nothing, failure) -> failure)
                        .thenCompose(failure -> ensure(context, file, chunk, alone, round + 1)));
    }

    /** @param begun whether it is new, and has no place among the slots yet */
    private record Taken(BlockFill flight, boolean begun) {}

    /** The transfer that a reader of the chunk waits for; empty if the chunk came meanwhile. */
    private Optional<Taken> take(RequestContext context, BlockKey key, int chunk, boolean alone) {
        List<Taken> taken = new ArrayList<>(1);
        flights.compute(key, (same, running) -> {
            BlockKey one = new BlockKey(key.file(), chunk);
            if (flying(singles.get(one))) {
                taken.add(new Taken(singles.get(one), false));
            } else if (flying(running)) {
                taken.add(new Taken(running, false));
            } else if (!key.file().has(chunk) && alone && untouched(key)) {
                int[] chunks = {chunk};
                BlockFill single = prepare(context, key, chunks, chunk, true, fill -> singles.remove(one, fill));
                singles.put(one, single);
                taken.add(new Taken(single, true));
            } else if (!key.file().has(chunk)) {
                BlockFill whole = prepare(context, key, chunk, true);
                taken.add(new Taken(whole, true));
                return whole;
            }
            return running;
        });
        return taken.stream().findFirst();
    }

    /** Whether nothing of the block is there or on its way, in an object of several. */
    private boolean untouched(BlockKey key) {
        return key.file().layout().chunks() > Geometry.CHUNKS_PER_BLOCK
                && chunks(key).allMatch(c -> lacks(key, c));
    }

    /** Whether a chunk is neither there nor fetched by itself. */
    private boolean lacks(BlockKey key, int chunk) {
        return !key.file().has(chunk) && !flying(singles.get(new BlockKey(key.file(), chunk)));
    }

    /** Not one that has ended: who waited for it may come back here before it has left the flights. */
    private static boolean flying(BlockFill running) {
        return running != null && !running.done().isDone();
    }

    private BlockFill prepare(RequestContext context, BlockKey key, int wanted, boolean demanded) {
        int[] chunks = chunks(key).filter(chunk -> lacks(key, chunk)).toArray();
        return prepare(context, key, chunks, wanted, demanded, fill -> flights.remove(key, fill));
    }

    /** A fill of these chunks that has its own hold on the file, and leaves the flights when it ends. */
    private BlockFill prepare(
            RequestContext context,
            BlockKey key,
            int[] chunks,
            int wanted,
            boolean demanded,
            Consumer<BlockFill> leave) {
        ObjectFile file = key.file();
        file.retain();
        BlockFill flight = new BlockFill(
                context,
                file,
                chunks,
                wanted,
                demanded,
                source,
                buffers,
                disk,
                () -> cover(key),
                () -> filled.accept(file));
        long startedNanos = System.nanoTime();
        flight.chunks()
                .forEach(
                        (chunk, ready) -> ready.thenRun(() -> came(file.layout().length(chunk))));
        flight.done().whenComplete((nothing, failure) -> {
            leave.accept(flight);
            if (failure == null) {
                metrics.filled(System.nanoTime() - startedNanos);
            } else {
                failed(file, HearthException.of(failure), flight.withoutRoom());
            }
            file.release();
        });
        return flight;
    }

    private void came(int chunkBytes) {
        metrics.filledBytes(chunkBytes);
        longHints.chunkCame();
    }

    /** Makes room for the block; it stays covered while the file is held. */
    private CompletableFuture<Boolean> cover(BlockKey key) {
        return key.file().covers(key.number())
                ? CompletableFuture.completedFuture(true)
                : disk.call(() -> store.cover(key.file(), key.number()));
    }

    /** @param withoutRoom nobody made way for the block: no fault of the disk, nor of the origin */
    private void failed(ObjectFile file, HearthException why, boolean withoutRoom) {
        longHints.forget(file.id()); // A source or a tier in trouble gets demand only.
        boolean full = why.kind() == FailureKind.NO_SPACE;
        if (!withoutRoom) {
            metrics.fillFailed(why.kind());
        }
        if (full && !withoutRoom) {
            file.tier().pause(why);
        }
        if (full || why.kind() == FailureKind.CORRUPT || why.kind().action() == FailureKind.Action.STOP) {
            // An object that is not to be had must not keep its reservation.
            disk.execute(() -> store.dropIfEmpty(file));
        }
    }

    /**
     * Fills what is missing of these blocks in the background, as far as the queue of prefetches has room. More blocks
     * than are fetched ahead at once follow bit by bit, in order, as far as their tier is large enough for them.
     *
     * @param order of at least one block, within the object
     * @return done, never failed, when the blocks are queued or dropped
     */
    public CompletableFuture<Void> prefetch(RequestContext context, ObjectRef object, BlockOrder order) {
        return disk.call(() -> {
                    if (!LongHints.isLong(order, ahead.depthBlocks())) {
                        queue(context, object, order);
                    } else if (!longHints.add(context, object, order)) {
                        metrics.prefetchDropped();
                    }
                    return (Void) null;
                })
                .exceptionally(failure -> {
                    metrics.prefetchDropped();
                    return null;
                });
    }

    private void queue(RequestContext context, ObjectRef object, BlockOrder order) {
        Optional<ObjectFile> held =
                store.holdOrBegin(object, object.id(), context.dataset().namespace());
        if (held.isEmpty()) {
            return;
        }
        ObjectFile file = held.get();
        try {
            for (int block : order.numbers().toArray()) {
                if (closed || file.tier().full() || !slots.prefetchRoom()) {
                    metrics.prefetchDropped();
                    return;
                }
                queue(context, new BlockKey(file, block));
            }
        } finally {
            file.release();
        }
    }

    private void queue(RequestContext context, BlockKey key) {
        boolean[] mine = new boolean[1];
        BlockFill flight = flights.compute(key, (same, running) -> {
            if (flying(running) || chunks(key).noneMatch(chunk -> lacks(key, chunk))) {
                return running;
            }
            mine[0] = true;
            return prepare(context, key, chunks(key).findFirst().orElseThrow(), false);
        });
        if (mine[0] && !slots.prefetch(flight.job())) {
            flight.end(Optional.of(new HearthException(FailureKind.OVERLOADED, "the prefetch queue is full")));
        }
    }

    /**
     * Done when every chunk of the block is ready: those present and not verified in this life are verified, those
     * missing are fetched in the background, after what readers ask for. A block is never dropped for a full queue of
     * prefetches; the caller bounds how many it has under way. Cancelling the future gives up a transfer that nobody
     * else waits for.
     *
     * @param file held by the caller until the future is done
     * @param block of {@link Geometry#BLOCK_BYTES}, within the object
     * @return failed as {@link #ensure}; {@link FailureKind#OVERLOADED} if more blocks than the lane's bound wait
     */
    public CompletableFuture<Void> warm(RequestContext context, ObjectFile file, int block) {
        CompletableFuture<Void> asker = new CompletableFuture<>();
        warm(context, new BlockKey(file, block), asker, 1).whenComplete((nothing, failure) -> {
            if (failure == null) {
                asker.complete(null);
            } else {
                asker.completeExceptionally(HearthException.of(failure));
            }
        });
        return asker;
    }

    private CompletableFuture<Void> warm(
            RequestContext context, BlockKey key, CompletableFuture<Void> asker, int round) {
        ObjectFile file = key.file();
        if (asker.isDone() || chunks(key).allMatch(file::ready)) {
            return CompletableFuture.completedFuture(null);
        }
        if (round > ROUNDS_MAX) {
            return failed(
                    FailureKind.INTERNAL, "block " + key.number() + " of " + file.object() + " does not stay readable");
        }
        return checkAll(key)
                .thenCompose(checked -> fetch(context, key, asker))
                .thenCompose(fetched -> warm(context, key, asker, round + 1));
    }

    private static IntStream chunks(BlockKey key) {
        int first = key.number() * Geometry.CHUNKS_PER_BLOCK;
        return IntStream.range(
                first,
                Math.min(first + Geometry.CHUNKS_PER_BLOCK, key.file().layout().chunks()));
    }

    /** One chunk after the other: a load has many blocks under way, and readers want the disk too. */
    private CompletableFuture<Void> checkAll(BlockKey key) {
        ObjectFile file = key.file();
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        for (int chunk :
                chunks(key).filter(file::has).filter(c -> !file.ready(c)).toArray()) {
            all = all.thenCompose(before -> check(file, chunk)).thenAccept(good -> {});
        }
        return all;
    }

    /** Done when the transfer that is under way, or the one begun here for what is missing, has ended. */
    private CompletableFuture<Void> fetch(RequestContext context, BlockKey key, CompletableFuture<Void> asker) {
        ObjectFile file = key.file();
        if (chunks(key).allMatch(file::has) || asker.isDone()) {
            return CompletableFuture.completedFuture(null);
        }
        if (closed) {
            return failed(FailureKind.UNAVAILABLE, "the worker is stopping");
        }
        if (file.condemned()) {
            return CompletableFuture.failedFuture(condemned(file));
        }
        if (file.tier().full()) {
            return failed(FailureKind.NO_SPACE, "the tier of " + file.object() + " is full");
        }
        Optional<BlockFill> single = single(key);
        if (single.isPresent()) {
            return single.get()
                    .done()
                    .handle((nothing, failure) -> failure)
                    .thenCompose(failure -> fetch(context, key, asker));
        }
        boolean[] mine = new boolean[1];
        BlockFill flight = flights.compute(key, (same, running) -> {
            if (flying(running) || chunks(key).allMatch(file::has)) {
                return running;
            }
            mine[0] = true;
            return prepare(context, key, chunks(key).findFirst().orElseThrow(), false);
        });
        if (flight == null) {
            return CompletableFuture.completedFuture(null);
        }
        if (!flight.join(mine[0])) {
            return flight.done().handle((nothing, failure) -> null);
        }
        if (mine[0] && !slots.load(flight.job())) {
            flight.end(Optional.of(new HearthException(FailureKind.OVERLOADED, "too many blocks are being loaded")));
        }
        asker.whenComplete((nothing, failure) -> leave(flight));
        return flight.done().copy();
    }

    /** The transfer of one chunk of the block that is under way. */
    private Optional<BlockFill> single(BlockKey key) {
        return chunks(key)
                .mapToObj(chunk -> Optional.ofNullable(singles.get(new BlockKey(key.file(), chunk))))
                .flatMap(Optional::stream)
                .filter(Fills::flying)
                .findFirst();
    }

    private void leave(BlockFill flight) {
        if (flight.leave()) {
            flight.cancel(new HearthException(FailureKind.UNAVAILABLE, "the load that asked for it has ended"));
            slots.withdraw(flight.job());
        }
    }

    /** Passes bytes through from the source without keeping them, when a slot is free. */
    public CompletableFuture<Void> stream(
            RequestContext context, ObjectRef object, long offset, int length, RangeSink sink) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        boolean taken = streams.demand(new Job(() -> {
            if (result.isDone()) {
                return CompletableFuture.completedFuture(null);
            }
            CompletableFuture<Void> transfer = source.fetch(context, object, offset, length, sink);
            result.whenComplete((nothing, failure) -> {
                if (failure != null) {
                    transfer.cancel(false);
                }
            });
            return transfer.whenComplete((nothing, failure) -> {
                if (failure == null) {
                    result.complete(null);
                } else {
                    result.completeExceptionally(HearthException.of(failure));
                }
            });
        }));
        return taken ? result : failed(FailureKind.OVERLOADED, "too many transfers wait already: try again");
    }

    /** Where {@link #stream}'s sinks get memory for bytes on their way. */
    public SlabPool buffers() {
        return buffers;
    }

    /** Stops what runs and refuses what comes, and waits for writes under way, within five seconds. */
    @Override
    public void close() {
        closed = true;
        longHints.close();
        List<BlockFill> running = new ArrayList<>(flights.values());
        running.addAll(singles.values());
        HearthException why = new HearthException(FailureKind.UNAVAILABLE, "the worker is stopping");
        running.forEach(flight -> flight.cancel(why));
        CompletableFuture.allOf(running.stream().map(BlockFill::done).toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
                .handle((nothing, failure) -> null)
                .join();
    }

    private static <T> CompletableFuture<T> failed(FailureKind kind, String why) {
        return CompletableFuture.failedFuture(new HearthException(kind, why));
    }
}
