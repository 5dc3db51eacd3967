package io.hearth.worker.net;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.wire.Message.AwaitReady;
import io.hearth.protocol.wire.Message.Failed;
import io.hearth.protocol.wire.Message.Ready;
import io.hearth.worker.tier.ObjectFile;
import io.netty.channel.ChannelHandlerContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Tells the holder of a descriptor which bytes of its file are there, as they become ready: the same fills as for a
 * {@link Reading}, and no bytes sent. A file that cannot be filled fails the request, and the holder reads elsewhere.
 * Lives on its connection's event loop.
 */
final class GrantedReading implements Answer {
    /** Told beyond what was asked, where it is there: 1 GiB, one look at a bit each. */
    private static final int CHUNKS_BEYOND_MAX = 1024;

    private final Connection connection;
    private final ChannelHandlerContext ctx;
    private final DataPlane plane;
    private final AwaitReady await;
    private final long end;
    private final Map<Integer, CompletableFuture<Void>> ensuring = new HashMap<>();
    private long position;
    private boolean ended;
    private Optional<ObjectFile> file = Optional.empty();

    GrantedReading(Connection connection, ChannelHandlerContext ctx, DataPlane plane, AwaitReady await) {
        this.connection = connection;
        this.ctx = ctx;
        this.plane = plane;
        this.await = await;
        this.position = await.offset();
        this.end = await.offset() + await.length();
    }

    @Override
    public void start() {
        plane.metrics().requestStarted();
        file = plane.grants().hold(await.grant(), await.object().id());
        if (file.isEmpty()) {
            fail(new HearthException(FailureKind.UNAVAILABLE, "no descriptor of that number is out"));
            return;
        }
        ObjectFile from = file.get();
        plane.store().used(from, position);
        AskedChunks.of(position, end).all().filter(chunk -> !from.ready(chunk)).forEach(chunk -> ensure(from, chunk));
        connection.pump();
    }

    /** A file that has left its tier gets no more chunks: nobody else would find them. */
    private void ensure(ObjectFile from, int chunk) {
        boolean left = plane.store().find(from.id()).filter(from::equals).isEmpty();
        CompletableFuture<Void> future = left
                ? CompletableFuture.failedFuture(
                        new HearthException(FailureKind.UNAVAILABLE, "the file has left its tier"))
                : plane.fills()
                        .ensure(
                                await.context(),
                                from,
                                chunk,
                                AskedChunks.of(await.offset(), end).alone(chunk));
        ensuring.put(chunk, future);
        future.whenComplete((nothing, failure) -> connection.onLoop(connection::pump));
    }

    @Override
    public void advance() {
        if (ended || file.isEmpty() || !connection.takesMore()) {
            return;
        }
        long ready = readyFrom(file.get());
        if (ready > position) {
            tell(ready);
        }
        if (!ended) {
            notReady(file.get(), Geometry.chunkOf(position));
        }
    }

    /** End of the bytes from the position on that are ready; beyond what was asked only where that is ready as well. */
    private long readyFrom(ObjectFile from) {
        int chunk = Geometry.chunkOf(position);
        int chunkEnd = Math.min(from.layout().chunks(), Geometry.chunkOf(end - 1) + 1 + CHUNKS_BEYOND_MAX);
        while (chunk < chunkEnd && from.ready(chunk)) {
            chunk++;
        }
        long readyEnd = Math.min(Geometry.chunkOffset(chunk), from.layout().sizeBytes());
        return Math.max(position, readyEnd);
    }

    private void tell(long ready) {
        ctx.write(new Ready(await.requestId(), position, ready - position), ctx.voidPromise());
        connection.wrote(0);
        plane.grants().ready(ready - position);
        position = ready;
        if (position >= end) {
            finish();
        }
    }

    /** As in {@link Reading}: one that succeeded, and whose chunk is not ready, was dropped meanwhile. */
    private void notReady(ObjectFile from, int chunk) {
        CompletableFuture<Void> future = ensuring.get(chunk);
        if (future == null || future.isDone() && !future.isCompletedExceptionally()) {
            ensure(from, chunk);
        } else if (future.isDone()) {
            fail(future.handle((nothing, failure) -> HearthException.of(failure))
                    .join());
        }
    }

    private void fail(HearthException why) {
        if (!ended) {
            plane.metrics().requestFailed(why.kind());
            ctx.writeAndFlush(
                    new Failed(await.requestId(), why.kind(), String.valueOf(why.getMessage())), ctx.voidPromise());
            finish();
        }
    }

    @Override
    public void cancel() {
        finish();
    }

    private void finish() {
        if (!ended) {
            ended = true;
            connection.ended(await.requestId());
            plane.metrics().requestEnded();
            file.ifPresent(ObjectFile::release);
        }
    }
}
