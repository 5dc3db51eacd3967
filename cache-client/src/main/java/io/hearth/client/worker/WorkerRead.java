package io.hearth.client.worker;

import io.hearth.client.ClientMetrics;
import io.hearth.client.wire.DataFrame;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.wire.Message;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntConsumer;
import java.util.zip.CRC32C;

/**
 * One read on a connection: checks each frame, and hands the payloads on one after another. Lives on the connection's
 * event loop; the sink's stages may end anywhere.
 */
final class WorkerRead implements PendingRead {
    private final ObjectRef object;
    private final long end;
    private final RangeSink sink;
    private final EventLoop loop;
    private final IntConsumer taken;
    private final ClientMetrics metrics;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private final Queue<DataFrame> waiting = new ArrayDeque<>();
    private long received;
    private long given;
    private boolean busy;
    private long progressNs;

    /** @param taken told of every frame's bytes once they are out of the way */
    WorkerRead(
            ObjectRef object,
            long offset,
            int length,
            RangeSink sink,
            EventLoop loop,
            IntConsumer taken,
            ClientMetrics metrics) {
        this.object = object;
        this.received = offset;
        this.given = offset;
        this.end = offset + length;
        this.sink = sink;
        this.loop = loop;
        this.taken = taken;
        this.metrics = metrics;
        this.progressNs = System.nanoTime();
    }

    @Override
    public CompletableFuture<Void> result() {
        return result;
    }

    /** Whether every byte has come, if not been handed on. */
    @Override
    public boolean received() {
        return received == end;
    }

    /** When a byte came last, or could have: a reader that takes its time is not the worker's fault. */
    @Override
    public long progressNs() {
        return busy ? System.nanoTime() : progressNs;
    }

    @Override
    public void progress() {
        progressNs = System.nanoTime();
    }

    /**
     * Takes over a frame.
     *
     * @throws HearthException {@link FailureKind#CORRUPT} if its bytes are not those that must come next
     */
    void accept(DataFrame frame) {
        try {
            check(frame);
        } catch (HearthException e) {
            discard(frame);
            throw e;
        }
        received += frame.payload().readableBytes();
        progress();
        waiting.add(frame);
        handOn();
    }

    private void check(DataFrame frame) {
        Message.Data head = frame.head();
        int length = frame.payload().readableBytes();
        if (head.offset() != received || length > end - received) {
            throw new HearthException(
                    FailureKind.CORRUPT,
                    "a worker gave bytes " + head.offset() + " +" + length + " where " + received + " must come next");
        }
        if (!head.wholeChunk()) {
            return;
        }
        int chunk = Geometry.chunkOf(head.offset());
        CRC32C crc = new CRC32C();
        crc.update(frame.payload().nioBuffer());
        if (head.offset() != Geometry.chunkOffset(chunk)
                || length != Geometry.chunkLength(chunk, object.sizeBytes())
                || (int) crc.getValue() != head.crc32c()) {
            metrics.checksumFailure();
            throw new HearthException(
                    FailureKind.CORRUPT,
                    "chunk " + chunk + " of " + object.key() + " came from a worker with a wrong checksum");
        }
    }

    private void handOn() {
        while (!busy && !waiting.isEmpty() && !result.isDone()) {
            DataFrame frame = waiting.remove();
            CompletionStage<Void> stage;
            try {
                stage = sink.accept(frame.payload().nioBuffer());
            } catch (RuntimeException | Error e) {
                stage = CompletableFuture.failedFuture(e);
            }
            CompletableFuture<Void> future = stage.toCompletableFuture();
            if (future.isDone() && !future.isCompletedExceptionally()) {
                handedOn(frame);
            } else {
                busy = true;
                future.whenComplete((done, thrown) -> onLoop(() -> {
                    busy = false;
                    progress();
                    handedOn(frame);
                    if (thrown != null) {
                        fail(HearthException.of(thrown));
                    }
                    handOn();
                }));
            }
        }
    }

    private void handedOn(DataFrame frame) {
        given += frame.payload().readableBytes();
        discard(frame);
        if (given == end) {
            result.complete(null);
        }
    }

    /** Ends the read; frames that wait are dropped. */
    @Override
    public void fail(HearthException failure) {
        result.completeExceptionally(failure);
        drop();
    }

    /** Frees the frames that wait. */
    @Override
    public void drop() {
        for (DataFrame frame = waiting.poll(); frame != null; frame = waiting.poll()) {
            discard(frame);
        }
    }

    private void discard(DataFrame frame) {
        int bytes = frame.payload().readableBytes();
        frame.release();
        taken.accept(bytes);
    }

    private void onLoop(Runnable step) {
        if (loop.inEventLoop()) {
            step.run();
            return;
        }
        try {
            loop.execute(step);
        } catch (RejectedExecutionException e) {
            step.run(); // The loop has ended: nobody else is here any more.
        }
    }
}
