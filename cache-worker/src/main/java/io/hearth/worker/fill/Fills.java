package io.hearth.worker.fill;

import io.hearth.client.SingleFlight;
import io.hearth.client.Source;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.worker.fill.FillSlots.Job;
import io.hearth.worker.memory.SlabPool;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.Tier;
import io.hearth.worker.tier.TierStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes chunks ready: verifies those that are present, fetches those that are not, each once however many readers ask.
 * Thread-safe; nothing blocks the caller. Futures may be completed by disk threads.
 */
public final class Fills implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Fills.class);

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
    private final LongHints longHints;
    private final WorkerMetrics metrics;
    private final Consumer<ObjectFile> filled;
    private final ConcurrentHashMap<BlockKey, BlockFill> flights = new ConcurrentHashMap<>();
    private final SingleFlight<BlockKey, Boolean> checks = new SingleFlight<>();
    private final AtomicInteger longPasses = new AtomicInteger();
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
        this.longHints = new LongHints(ahead.depthBlocks(), ahead.rangesMax());
        this.metrics = metrics;
        this.filled = filled;
        slots.afterEach(() -> {
            if (!longHints.isEmpty()) {
                longHints.came();
                disk.call(this::goOn); // Where the disk queue is full, the next fill's end sees to it.
            }
        });
    }

    /**
     * Done when the chunk is {@linkplain ObjectFile#ready ready}. The rest of its block is fetched along with it.
     *
     * @param file held by the caller until the future is done
     * @return failed with a {@link HearthException}: the source's own; {@link FailureKind#NO_SPACE} or
     *     {@link FailureKind#INTERNAL} if the tier could not keep the bytes; {@link FailureKind#OVERLOADED}
     */
    public CompletableFuture<Void> ensure(RequestContext context, ObjectFile file, int chunk) {
        return ensure(context, file, chunk, 1);
    }

    private CompletableFuture<Void> ensure(RequestContext context, ObjectFile file, int chunk, int round) {
        if (file.ready(chunk)) {
            return CompletableFuture.completedFuture(null);
        }
        if (round > ROUNDS_MAX) {
            return failed(FailureKind.INTERNAL, "chunk " + chunk + " of " + file.object() + " does not stay readable");
        }
        if (file.has(chunk)) {
            return check(file, chunk).thenCompose(good -> ensure(context, file, chunk, round + 1));
        }
        return fill(context, file, chunk, round);
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

    private CompletableFuture<Void> fill(RequestContext context, ObjectFile file, int chunk, int round) {
        if (closed) {
            return failed(FailureKind.UNAVAILABLE, "the worker is stopping");
        }
        if (file.condemned()) {
            return CompletableFuture.failedFuture(condemned(file));
        }
        if (file.tier().full()) {
            return failed(FailureKind.NO_SPACE, "the tier of " + file.object() + " is full");
        }
        BlockKey key = new BlockKey(file, chunk / Geometry.CHUNKS_PER_BLOCK);
        boolean[] mine = new boolean[1];
        BlockFill flight = flights.compute(key, (same, running) -> {
            if (flying(running) || file.has(chunk)) {
                return running;
            }
            mine[0] = true;
            return prepare(context, key, chunk, true);
        });
        if (flight == null) {
            return ensure(context, file, chunk, round);
        }
        if (!mine[0]) {
            if (!flight.want(chunk)) {
                return flight.done()
                        .handle((nothing, failure) -> failure)
                        .thenCompose(failure -> ensure(context, file, chunk, round));
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
                        .thenCompose(failure -> ensure(context, file, chunk, round + 1)));
    }

    /** Not one that has ended: who waited for it may come back here before it has left the flights. */
    private static boolean flying(BlockFill running) {
        return running != null && !running.done().isDone();
    }

    /** A fill that has its own hold on the file and leaves the flights when it ends. */
    private BlockFill prepare(RequestContext context, BlockKey key, int wanted, boolean demanded) {
        ObjectFile file = key.file();
        int first = key.number() * Geometry.CHUNKS_PER_BLOCK;
        int end = Math.min(first + Geometry.CHUNKS_PER_BLOCK, file.layout().chunks());
        file.retain();
        BlockFill flight = new BlockFill(
                context,
                file,
                first,
                end,
                wanted,
                demanded,
                source,
                buffers,
                disk,
                () -> cover(key),
                () -> filled.accept(file));
        long startedNanos = System.nanoTime();
        flight.chunks()
                .forEach((chunk, ready) ->
                        ready.thenRun(() -> metrics.filledBytes(file.layout().length(chunk))));
        flight.done().whenComplete((nothing, failure) -> {
            flights.remove(key, flight);
            if (failure == null) {
                metrics.filled(System.nanoTime() - startedNanos);
            } else {
                failed(file, HearthException.of(failure), flight.withoutRoom());
            }
            file.release();
        });
        return flight;
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
     * Fills what is missing of a range in the background, as far as the queue of prefetches has room. A range of more blocks
     * than are fetched ahead at once follows bit by bit, in order, as far as its tier is large enough for it.
     *
     * @param offset and {@code length} within the object
     * @return done, never failed, when the range is queued or dropped
     */
    public CompletableFuture<Void> prefetch(RequestContext context, ObjectRef object, long offset, long length) {
        return disk.call(() -> {
                    if (!LongHints.isLong(offset, length, ahead.depthBlocks())) {
                        queue(context, object, offset, length);
                    } else if (longHints.add(context, object, offset, length)) {
                        goOn();
                    } else {
                        metrics.prefetchDropped();
                    }
                    return (Void) null;
                })
                .exceptionally(failure -> {
                    metrics.prefetchDropped();
                    return null;
                });
    }

    private void queue(RequestContext context, ObjectRef object, long offset, long length) {
        Optional<ObjectFile> held =
                store.holdOrBegin(object, object.id(), context.dataset().namespace());
        if (held.isEmpty()) {
            return;
        }
        ObjectFile file = held.get();
        try {
            int first = Geometry.blockOf(offset);
            int last = Geometry.blockOf(offset + length - 1);
            for (int block = first; block <= last && !closed; block++) {
                if (file.tier().full() || !slots.prefetchRoom()) {
                    metrics.prefetchDropped();
                    return;
                }
                queue(context, new BlockKey(file, block));
            }
        } finally {
            file.release();
        }
    }

    /** Begins blocks of long hints, while fewer are under way than may be. One thread at a time: two would see the same room. */
    private Void goOn() {
        if (longPasses.getAndIncrement() > 0) {
            return null;
        }
        do {
            while (!closed && slots.ahead() < longHints.depth() && slots.prefetchRoom()) {
                Optional<LongHints.Block> next = longHints.next();
                if (next.isEmpty()) {
                    break;
                }
                begin(next.get());
            }
        } while (longPasses.decrementAndGet() > 0);
        return null;
    }

    private void begin(LongHints.Block block) {
        Optional<ObjectFile> held = Optional.empty();
        boolean begun = false;
        try {
            held = store.holdOrBegin(
                    block.object(), block.id(), block.context().dataset().namespace());
            if (held.isPresent() && roomAhead(held.get().tier(), block.number())) {
                queue(block.context(), new BlockKey(held.get(), block.number()));
                begun = true;
            }
        } catch (RuntimeException e) {
            LOG.debug("{} is not filled ahead: {}", block.object(), e.getMessage());
        } finally {
            held.ifPresent(ObjectFile::release);
        }
        if (!begun) {
            longHints.forget(block.id());
            metrics.prefetchDropped();
        }
    }

    /** An object that its tier cannot hold beside others would push itself out before it is read. */
    private boolean roomAhead(Tier tier, int block) {
        return !tier.full() && Geometry.blockOffset(block) < tier.quotaBytes() / 100 * ahead.tierPercent();
    }

    private void queue(RequestContext context, BlockKey key) {
        boolean[] mine = new boolean[1];
        int first = key.number() * Geometry.CHUNKS_PER_BLOCK;
        int end =
                Math.min(first + Geometry.CHUNKS_PER_BLOCK, key.file().layout().chunks());
        BlockFill flight = flights.compute(key, (same, running) -> {
            if (flying(running) || IntStream.range(first, end).allMatch(key.file()::has)) {
                return running;
            }
            mine[0] = true;
            return prepare(context, key, first, false);
        });
        if (mine[0] && !slots.prefetch(flight.job())) {
            flight.end(Optional.of(new HearthException(FailureKind.OVERLOADED, "the prefetch queue is full")));
        }
    }

    /**
     * Done when every chunk of the block is ready: those present and not verified in this life are verified, those missing
     * are fetched in the background, after what readers ask for. A block is never dropped for a full queue of prefetches;
     * the caller bounds how many it has under way. Cancelling the future gives up a transfer that nobody else waits for.
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
        List<BlockFill> running = List.copyOf(flights.values());
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
