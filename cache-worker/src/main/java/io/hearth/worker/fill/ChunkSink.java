package io.hearth.worker.fill;

import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.Urgency;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.worker.memory.Slab;
import io.hearth.worker.memory.SlabPool;
import io.hearth.worker.tier.ObjectFile;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * Takes the bytes of a run of whole chunks and writes each chunk when it is complete. Holds at most three buffers: one
 * that fills and two that are being written; the source waits otherwise.
 */
final class ChunkSink implements RangeSink {
    private final ObjectFile file;
    private final int chunkEnd;
    private final SlabPool buffers;
    private final Supplier<Urgency> lane;
    private final DiskThreads disk;
    private final IntConsumer written;
    private int chunk;
    private Slab filling;
    private CompletableFuture<Slab> taking = new CompletableFuture<>();
    private boolean closed;
    private CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);
    private CompletableFuture<Void> writingBefore = writing;

    /**
     * @param chunk first chunk; @param chunkEnd the one after the last
     * @param lane who wants the chunks now
     * @param written told of each chunk that became ready, by a disk thread
     */
    ChunkSink(
            ObjectFile file,
            int chunk,
            int chunkEnd,
            SlabPool buffers,
            Supplier<Urgency> lane,
            DiskThreads disk,
            IntConsumer written) {
        this.file = file;
        this.chunk = chunk;
        this.chunkEnd = chunkEnd;
        this.buffers = buffers;
        this.lane = lane;
        this.disk = disk;
        this.written = written;
    }

    @Override
    public synchronized CompletionStage<Void> accept(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (closed || chunk >= chunkEnd) {
                return CompletableFuture.failedFuture(new HearthException(
                        FailureKind.INTERNAL, "the source gave more bytes than asked for " + file.object()));
            }
            if (filling == null) {
                CompletableFuture<Slab> next = writingBefore.thenCompose(done -> take());
                if (!next.isDone() || next.isCompletedExceptionally()) {
                    return next.thenCompose(slab -> {
                        use(slab);
                        return accept(bytes);
                    });
                }
                use(next.join());
            }
            copy(bytes);
        }
        return CompletableFuture.completedFuture(null);
    }

    /** One take at a time; {@link #finish} leaves the line with it. */
    private synchronized CompletableFuture<Slab> take() {
        taking = closed ? CompletableFuture.failedFuture(ended()) : buffers.take(lane);
        return taking;
    }

    private HearthException ended() {
        return new HearthException(FailureKind.UNAVAILABLE, "the fill of " + file.object() + " has ended");
    }

    private synchronized void use(Slab slab) {
        if (closed) {
            slab.close();
        } else {
            filling = slab;
            slab.bytes().limit(file.layout().length(chunk));
        }
    }

    private void copy(ByteBuffer bytes) {
        ByteBuffer target = filling.bytes();
        int count = Math.min(bytes.remaining(), target.remaining());
        target.put(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
        if (!target.hasRemaining()) {
            Slab full = filling;
            target.flip();
            int number = chunk++;
            filling = null;
            writingBefore = writing;
            CompletableFuture<Void> write = disk.call(() -> write(number, full.bytes()));
            write.whenComplete((done, failure) -> full.close());
            writing = writingBefore.thenCombine(write, (before, now) -> now);
        }
    }

    private Void write(int number, ByteBuffer full) {
        CRC32C crc = new CRC32C();
        crc.update(full.duplicate());
        file.write(number, full, (int) crc.getValue());
        written.accept(number);
        return null;
    }

    /** Takes no more bytes; done when nothing is being written, failed if a write failed. */
    synchronized CompletableFuture<Void> finish() {
        closed = true;
        taking.cancel(false);
        if (filling != null) {
            filling.close();
            filling = null;
        }
        return writing;
    }

    /** Whether every chunk of the run came. */
    synchronized boolean complete() {
        return chunk == chunkEnd;
    }
}
