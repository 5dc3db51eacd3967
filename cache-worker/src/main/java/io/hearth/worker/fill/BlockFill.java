package io.hearth.worker.fill;

import io.hearth.client.Source;
import io.hearth.objectstore.engine.Claim;
import io.hearth.objectstore.engine.Urgency;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.RequestContext;
import io.hearth.worker.fill.FillSlots.Job;
import io.hearth.worker.memory.SlabPool;
import io.hearth.worker.tier.ObjectFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Chunks of one block being filled: those that were missing when it began, in runs, the run from the wanted chunk on
 * first. Each chunk's waiters go on as soon as that chunk is written. Thread-safe.
 */
final class BlockFill {
    private final RequestContext context;
    private final ObjectFile file;
    private final Source source;
    private final SlabPool buffers;
    private final DiskThreads disk;
    private final Supplier<CompletableFuture<Boolean>> cover;
    private final Runnable filled;
    private final TreeMap<Integer, CompletableFuture<Void>> missing = new TreeMap<>();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final Claim claim;
    private final Job job = new Job(this::start);
    private volatile int wanted;
    private boolean demanded;
    private boolean started;
    private int loads;
    private boolean forLoads;
    private boolean abandoned;
    private volatile boolean withoutRoom;
    private Optional<CompletableFuture<Void>> transfer = Optional.empty();
    private Optional<HearthException> cancelled = Optional.empty();

    /**
     * @param chunks which it brings, within one block, in order
     * @param cover makes room for the block, or says that there is none
     * @param filled told of a good end, before anybody who waits for it
     */
    BlockFill(
            RequestContext context,
            ObjectFile file,
            int[] chunks,
            int wanted,
            boolean demanded,
            Source source,
            SlabPool buffers,
            DiskThreads disk,
            Supplier<CompletableFuture<Boolean>> cover,
            Runnable filled) {
        this.context = context;
        this.file = file;
        this.source = source;
        this.buffers = buffers;
        this.disk = disk;
        this.cover = cover;
        this.filled = filled;
        this.wanted = wanted;
        this.demanded = demanded;
        this.claim = new Claim(demanded ? Urgency.DEMAND : Urgency.SPECULATION);
        for (int chunk : chunks) {
            missing.put(chunk, new CompletableFuture<>());
        }
    }

    Job job() {
        return job;
    }

    /** Done when the fill has ended, well or not. */
    CompletableFuture<Void> done() {
        return done;
    }

    /** When the chunk is ready; empty if this fill does not bring it. */
    Optional<CompletableFuture<Void>> chunk(int chunk) {
        return Optional.ofNullable(missing.get(chunk));
    }

    /**
     * Starts with this chunk, if the transfer has not begun and no reader asked before.
     *
     * @return false if the fill is being given up: wait for its end and begin another
     */
    synchronized boolean want(int chunk) {
        claim.raise(Urgency.DEMAND);
        if (!demanded && !abandoned) {
            demanded = true;
            wanted = chunk;
        }
        return !abandoned;
    }

    /**
     * A load waits for the block; false if the fill is being given up.
     *
     * @param begun whether the load began the fill; one begun by a prefetch is never given up: a reader is likely to
     *     come
     */
    synchronized boolean join(boolean begun) {
        claim.raise(Urgency.LOAD);
        loads += abandoned ? 0 : 1;
        forLoads |= begun;
        return !abandoned;
    }

    /** A load waits no more. Gives whether nobody does: the fill must be cancelled then. */
    synchronized boolean leave() {
        loads = loads - 1;
        abandoned = loads == 0 && forLoads && !demanded && !done.isDone();
        return abandoned;
    }

    /** Stops; waiters fail. */
    void cancel(HearthException why) {
        Optional<CompletableFuture<Void>> running;
        boolean waiting;
        synchronized (this) {
            cancelled = Optional.of(why);
            waiting = !started;
            running = transfer;
        }
        running.ifPresent(fetch -> fetch.cancel(false));
        if (waiting) {
            end(Optional.of(why));
        }
    }

    private CompletableFuture<?> start() {
        synchronized (this) {
            if (cancelled.isPresent()) {
                return CompletableFuture.completedFuture(null);
            }
            started = true;
        }
        CompletableFuture<Void> all = cover.get().thenAccept(this::requireRoom).thenRun(this::prepareHuge);
        for (Run run : runs()) {
            all = all.thenCompose(before -> fetch(run));
        }
        return all.whenComplete((nothing, failure) -> end(Optional.ofNullable(failure)));
    }

    private void requireRoom(boolean covered) {
        if (!covered) {
            withoutRoom = true;
            throw new HearthException(FailureKind.NO_SPACE, "nobody makes way for a block of " + file.object());
        }
    }

    /**
     * Beside the transfer, whose first bytes take longer; what came before is copied. One chunk may stay the only one.
     */
    private void prepareHuge() {
        if (missing.size() > 1 && file.takesHuge()) {
            int block = missing.firstKey() / Geometry.CHUNKS_PER_BLOCK;
            file.retain();
            disk.call(() -> {
                        file.prepareHuge(block);
                        return (Void) null;
                    })
                    .whenComplete((nothing, failure) -> file.release());
        }
    }

    /** Whether it ended because its tier could not make room for the block. */
    boolean withoutRoom() {
        return withoutRoom;
    }

    /** Ends {@link #done} first: who learns of a failure here and tries again must not meet this fill once more. */
    void end(Optional<Throwable> failure) {
        Optional<HearthException> reason = failure.map(HearthException::of);
        if (reason.isEmpty()) {
            filled.run();
        }
        reason.ifPresentOrElse(done::completeExceptionally, () -> done.complete(null));
        reason.ifPresent(why -> missing.values().forEach(chunk -> chunk.completeExceptionally(why)));
    }

    record Run(int chunk, int chunkEnd) {}

    private List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        int first = -1;
        int end = -1;
        int begin = wanted;
        for (int chunk : missing.keySet()) {
            if (chunk != end || chunk == begin) {
                if (first >= 0) {
                    runs.add(new Run(first, end));
                }
                first = chunk;
            }
            end = chunk + 1;
        }
        if (first >= 0) {
            runs.add(new Run(first, end));
        }
        runs.sort((one, other) -> Boolean.compare(other.chunk() == begin, one.chunk() == begin));
        return runs;
    }

    private CompletableFuture<Void> fetch(Run run) {
        throwIfCancelled();
        RunSinks sinks = new RunSinks(file, run.chunk(), run.chunkEnd(), buffers, claim::urgency, disk, this::ready);
        long offset = file.layout().offset(run.chunk());
        long end = file.layout().offset(run.chunkEnd() - 1) + file.layout().length(run.chunkEnd() - 1);
        CompletableFuture<Void> fetch =
                source.fetchPieces(context, file.object(), offset, (int) (end - offset), claim, sinks);
        boolean late;
        synchronized (this) {
            transfer = Optional.of(fetch);
            late = cancelled.isPresent();
        }
        if (late) {
            fetch.cancel(false);
        }
        return fetch.handle((nothing, failure) -> Optional.ofNullable(failure))
                .thenCompose(failure -> sinks.finish().thenAccept(written -> check(failure, sinks)));
    }

    private synchronized void throwIfCancelled() {
        cancelled.ifPresent(why -> {
            throw why;
        });
    }

    /** A failed write has spoken already; it is the reason why the source failed after it. */
    private void check(Optional<Throwable> failure, RunSinks sinks) {
        if (!sinks.complete()) {
            throwIfCancelled();
        }
        if (failure.isPresent()) {
            throw HearthException.of(failure.get());
        }
        if (!sinks.complete()) {
            throw new HearthException(
                    FailureKind.UNAVAILABLE, "the source ended before the bytes of " + file.object() + " did");
        }
    }

    private void ready(int chunk) {
        missing.get(chunk).complete(null);
    }

    /** The chunks that this fill brings, and their futures. */
    Map<Integer, CompletableFuture<Void>> chunks() {
        return missing;
    }
}
