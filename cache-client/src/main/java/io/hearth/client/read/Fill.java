package io.hearth.client.read;

import io.hearth.client.PieceSinks;
import io.hearth.client.Source;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.Claim;
import io.hearth.objectstore.engine.Urgency;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Brings a run of chunks that lie side by side, in as many pieces as the source likes. Takes bytes without waiting. */
final class Fill implements PieceSinks {
    private static final CompletionStage<Void> TAKEN = CompletableFuture.completedFuture(null);

    private final ChunkTable table;
    private final List<Chunk> run;
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
            transfer = source.fetchPieces(context, object, offset, length, new Claim(Urgency.DEMAND), this);
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
    public RangeSink open(long offset, int length) {
        int first = run.get(0).key.index();
        return new Piece(Geometry.chunkOf(offset) - first, Geometry.chunkOf(offset + length - 1) - first + 1);
    }

    /** Some of the chunks, from one on, up to an end. */
    private final class Piece implements RangeSink {
        private final int end;
        private int at;

        Piece(int at, int end) {
            this.at = at;
            this.end = end;
        }

        @Override
        public CompletionStage<Void> accept(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                if (at == end) {
                    return refuse(FailureKind.CORRUPT, "more bytes than were asked for");
                }
                Chunk chunk = run.get(at);
                if (!table.holdToFill(chunk)) {
                    return refuse(FailureKind.UNAVAILABLE, "the file was closed");
                }
                int from = chunk.filled; // Only this piece changes it.
                int count = Math.min(bytes.remaining(), chunk.length - from);
                ByteBuffer part = bytes.slice(bytes.position(), count);
                chunk.bytes(from, from + count).put(part);
                bytes.position(bytes.position() + count);
                at += from + count == chunk.length ? 1 : 0;
                table.filled(chunk, count);
            }
            return TAKEN;
        }
    }

    private static CompletionStage<Void> refuse(FailureKind kind, String line) {
        return CompletableFuture.failedFuture(new HearthException(kind, line));
    }
}
