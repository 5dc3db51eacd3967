package io.hearth.client.read;

import io.hearth.client.Source;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Brings a run of chunks that lie side by side, in one fetch. Takes bytes without waiting. */
final class Fill implements RangeSink {
    private static final CompletionStage<Void> TAKEN = CompletableFuture.completedFuture(null);

    private final ChunkTable table;
    private final List<Chunk> run;
    private int at;
    private volatile CompletableFuture<Void> transfer = new CompletableFuture<>();
    private volatile boolean cancelled;

    Fill(ChunkTable table, List<Chunk> run) {
        this.table = table;
        this.run = List.copyOf(run);
    }

    /** Starts the fetch. The future never fails: its value says whether all went well. */
    CompletableFuture<Boolean> start(Source source, RequestContext context, ObjectRef object) {
        long offset = Geometry.chunkOffset(run.get(0).key.index());
        int length = run.stream().mapToInt(chunk -> chunk.length).sum();
        try {
            transfer = source.fetch(context, object, offset, length, this);
        } catch (RuntimeException | Error e) {
            transfer = CompletableFuture.failedFuture(e);
        }
        if (cancelled) {
            transfer.cancel(false);
        }
        return transfer.handle((done, thrown) -> {
            table.fail(
                    run,
                    thrown != null
                            ? HearthException.of(thrown)
                            : new HearthException(FailureKind.INTERNAL, source.name() + " ended early"));
            return thrown == null;
        });
    }

    void cancel() {
        cancelled = true;
        transfer.cancel(false);
    }

    @Override
    public CompletionStage<Void> accept(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (at == run.size()) {
                return refuse(FailureKind.CORRUPT, "more bytes than were asked for");
            }
            Chunk chunk = run.get(at);
            if (!table.holdToFill(chunk)) {
                return refuse(FailureKind.UNAVAILABLE, "the file was closed");
            }
            int from = chunk.filled; // Only this fill changes it.
            int count = Math.min(bytes.remaining(), chunk.length - from);
            ByteBuffer part = bytes.slice(bytes.position(), count);
            chunk.bytes(from, from + count).put(part);
            bytes.position(bytes.position() + count);
            at += from + count == chunk.length ? 1 : 0;
            table.filled(chunk, count);
        }
        return TAKEN;
    }

    private static CompletionStage<Void> refuse(FailureKind kind, String line) {
        return CompletableFuture.failedFuture(new HearthException(kind, line));
    }
}
