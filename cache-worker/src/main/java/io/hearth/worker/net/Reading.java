package io.hearth.worker.net;

import io.hearth.client.wire.DataFrame;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.Urgency;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.Message.Data;
import io.hearth.protocol.wire.Message.Read;
import io.hearth.worker.memory.Slab;
import io.hearth.worker.metrics.WorkerMetrics.Served;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/**
 * One read being answered. Lives on its connection's event loop; every callback from elsewhere comes back to it first.
 * Ends once: complete, failed, or cancelled; whatever it held is released then.
 */
final class Reading implements Answer {
    /** A file that goes bad again and again under one read is the disk's fault: read through. */
    private static final int REOPENINGS_MAX = 3;

    private final Connection connection;
    private final ChannelHandlerContext ctx;
    private final DataPlane plane;
    private final Read read;
    private final long end;
    private final Map<Integer, CompletableFuture<Void>> ensuring = new HashMap<>();
    private final Set<Integer> missed = new HashSet<>();
    private long position;
    private int reopenings;
    private boolean ended;
    private Optional<ObjectFile> file = Optional.empty();
    private Optional<CompletableFuture<Void>> stream = Optional.empty();
    private Optional<CompletableFuture<Void>> streamPaused = Optional.empty();

    Reading(Connection connection, ChannelHandlerContext ctx, DataPlane plane, Read read) {
        this.connection = connection;
        this.ctx = ctx;
        this.plane = plane;
        this.read = read;
        this.position = read.offset();
        this.end = read.offset() + read.length();
    }

    /** Opens the object: at once if its file is open, else on a disk thread. */
    @Override
    public void start() {
        plane.metrics().requestStarted();
        open();
    }

    private void open() {
        var id = read.object().id();
        Optional<ObjectFile> open = plane.store().find(id).filter(ObjectFile::tryHold);
        if (open.isPresent()) {
            opened(open);
            return;
        }
        String namespace = read.context().dataset().namespace();
        plane.disk()
                .call(() -> plane.store().holdOrBegin(read.object(), id, namespace))
                .whenComplete((held, failure) -> {
                    boolean taken = onLoop(() -> {
                        if (failure == null) {
                            opened(held);
                        } else if (TierStore.keepFailure(
                                HearthException.of(failure).kind())) {
                            opened(Optional.empty());
                        } else {
                            fail(HearthException.of(failure));
                        }
                    });
                    if (!taken && failure == null) {
                        held.ifPresent(ObjectFile::release);
                    }
                });
    }

    private void opened(Optional<ObjectFile> held) {
        if (ended) {
            held.ifPresent(ObjectFile::release);
            return;
        }
        file = held;
        if (held.isEmpty()) {
            plane.store().refusal(read.object()).ifPresentOrElse(this::fail, this::passThrough);
            return;
        }
        ObjectFile from = held.get();
        plane.store().used(from, position);
        int[] wanted = AskedChunks.of(position, end)
                .all()
                .filter(chunk -> !from.ready(chunk))
                .toArray();
        // Before the first fill starts: it may bring the others while this loop runs.
        IntStream.of(wanted).filter(chunk -> !from.has(chunk)).forEach(missed::add);
        IntStream.of(wanted).forEach(chunk -> ensure(from, chunk));
        connection.pump();
    }

    private void ensure(ObjectFile from, int chunk) {
        CompletableFuture<Void> future = plane.fills()
                .ensure(
                        read.context(),
                        from,
                        chunk,
                        AskedChunks.of(read.offset(), end).alone(chunk));
        ensuring.put(chunk, future);
        future.whenComplete((nothing, failure) -> onLoop(connection::pump));
    }

    /** Sends what is ready, while the connection takes more. */
    @Override
    public void advance() {
        if (stream.isPresent()) {
            resumeStream();
            return;
        }
        while (!ended && file.isPresent() && stream.isEmpty() && connection.takesMore()) {
            int chunk = Geometry.chunkOf(position);
            OptionalInt crc = file.get().crc(chunk);
            if (crc.isEmpty()) {
                notReady(file.get(), chunk);
                return;
            }
            send(file.get(), chunk, crc.getAsInt());
        }
    }

    /**
     * Waits, unless the chunk's future failed. One that succeeded is asked for again: the chunk became ready since the
     * look at it, or was ready once, found bad by somebody who read it back, and dropped.
     */
    private void notReady(ObjectFile from, int chunk) {
        CompletableFuture<Void> future = ensuring.get(chunk);
        if (future == null || future.isDone() && !future.isCompletedExceptionally()) {
            ensure(from, chunk);
            return;
        }
        if (!future.isDone()) {
            return;
        }
        HearthException why =
                future.handle((nothing, failure) -> HearthException.of(failure)).join();
        if (from.condemned() && reopenings < REOPENINGS_MAX) {
            reopen(from);
        } else if (why.kind() == FailureKind.NO_SPACE) {
            plane.store().refusal(read.object()).ifPresentOrElse(this::fail, this::passThrough);
        } else if (TierStore.keepFailure(why.kind())) {
            passThrough();
        } else {
            fail(why);
        }
    }

    /** The file had a bad chunk and leaves its tier; the rest comes from the one that takes its place. */
    private void reopen(ObjectFile from) {
        reopenings++;
        file = Optional.empty();
        ensuring.clear();
        from.release();
        open();
    }

    private void send(ObjectFile from, int chunk, int crc) {
        int chunkBytes = from.layout().length(chunk);
        int length = (int) (Math.min(end, from.layout().offset(chunk) + chunkBytes) - position);
        boolean whole = length == chunkBytes;
        plane.sender().send(ctx, new Data(read.requestId(), position, whole, whole ? crc : 0), from, length);
        connection.wrote(length);
        plane.metrics().served(missed.contains(chunk) ? Served.FILL : Served.TIER, length);
        moved(length);
    }

    private void moved(int length) {
        position += length;
        if (position == end) {
            finish();
        }
    }

    /** Gives up on the tier for the rest of this read: bytes come from the source, and are not kept. */
    private void passThrough() {
        RangeSink sink = this::acceptStreamed;
        CompletableFuture<Void> transfer =
                plane.fills().stream(read.context(), read.object(), position, (int) (end - position), sink);
        stream = Optional.of(transfer);
        transfer.whenComplete((nothing, failure) -> onLoop(() -> {
            if (failure != null) {
                fail(HearthException.of(failure));
            } else if (!ended) {
                fail(new HearthException(FailureKind.UNAVAILABLE, "the source ended before the bytes did"));
            }
        }));
    }

    /** Copies the bytes into slabs, the next when the one before is on the wire: a stream holds one at a time. */
    private CompletionStage<Void> acceptStreamed(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            return CompletableFuture.completedFuture(null);
        }
        return plane.fills()
                .buffers()
                .take(() -> Urgency.DEMAND)
                .thenCompose(slab -> acceptStreamed(bytes, slab))
                .thenCompose(sent -> acceptStreamed(bytes));
    }

    private CompletableFuture<Void> acceptStreamed(ByteBuffer bytes, Slab slab) {
        int count = Math.min(bytes.remaining(), slab.bytes().remaining());
        slab.bytes().put(bytes.slice(bytes.position(), count)).flip();
        bytes.position(bytes.position() + count);
        SlabBytes copy = new SlabBytes(ctx.alloc(), slab);
        CompletableFuture<Void> taken = new CompletableFuture<>();
        if (!onLoop(() -> writeStreamed(copy, taken))) {
            copy.release();
            taken.completeExceptionally(gone());
        }
        return taken.thenCombine(copy.released(), (passed, released) -> passed);
    }

    private void writeStreamed(ByteBuf bytes, CompletableFuture<Void> taken) {
        try {
            while (!ended && bytes.isReadable()) {
                long border = Geometry.chunkOffset(Geometry.chunkOf(position) + 1);
                int length = (int) Math.min(bytes.readableBytes(), Math.min(border, end) - position);
                Data head = new Data(read.requestId(), position, false, 0);
                ctx.write(new DataFrame(head, bytes.readRetainedSlice(length)), ctx.voidPromise());
                connection.sent(length);
                plane.metrics().served(Served.UNCACHED, length);
                moved(length);
            }
        } finally {
            bytes.release();
        }
        ctx.flush();
        if (ended && position < end) {
            taken.completeExceptionally(gone());
        } else if (ended || connection.takesMore()) {
            taken.complete(null);
        } else {
            streamPaused = Optional.of(taken);
        }
    }

    private void resumeStream() {
        if (connection.takesMore()) {
            Optional<CompletableFuture<Void>> paused = streamPaused;
            streamPaused = Optional.empty();
            paused.ifPresent(stage -> stage.complete(null));
        }
    }

    private static HearthException gone() {
        return new HearthException(FailureKind.UNAVAILABLE, "the reader is gone");
    }

    private void fail(HearthException why) {
        if (!ended) {
            plane.metrics().requestFailed(why.kind());
            ctx.writeAndFlush(
                    new Message.Failed(read.requestId(), why.kind(), String.valueOf(why.getMessage())),
                    ctx.voidPromise());
            finish();
        }
    }

    /** The reader no longer wants the answer, or its connection is gone. */
    @Override
    public void cancel() {
        finish();
    }

    private void finish() {
        if (ended) {
            return;
        }
        ended = true;
        connection.ended(read.requestId());
        plane.metrics().requestEnded();
        file.ifPresent(ObjectFile::release);
        streamPaused.ifPresent(stage -> stage.completeExceptionally(gone()));
        if (position < end) {
            stream.ifPresent(transfer -> transfer.cancel(false));
        }
    }

    /** Whether it runs; false when the event loop has ended. */
    private boolean onLoop(Runnable task) {
        return connection.onLoop(task);
    }
}
