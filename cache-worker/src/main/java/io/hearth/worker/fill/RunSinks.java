package io.hearth.worker.fill;

import io.hearth.client.PieceSinks;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.Urgency;
import io.hearth.protocol.Geometry;
import io.hearth.worker.memory.SlabPool;
import io.hearth.worker.tier.ObjectFile;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** The sinks of a run of chunks, one for each piece that its source makes of it. Thread-safe. */
final class RunSinks implements PieceSinks {
    private final ObjectFile file;
    private final int chunkEnd;
    private final SlabPool buffers;
    private final Supplier<Urgency> urgency;
    private final DiskThreads disk;
    private final IntConsumer written;
    private final List<ChunkSink> opened = new ArrayList<>();
    private int nextChunk;

    /**
     * @param chunk first chunk; @param chunkEnd the one after the last
     * @param written told of each chunk that became ready, by a disk thread
     */
    RunSinks(
            ObjectFile file,
            int chunk,
            int chunkEnd,
            SlabPool buffers,
            Supplier<Urgency> urgency,
            DiskThreads disk,
            IntConsumer written) {
        this.file = file;
        this.nextChunk = chunk;
        this.chunkEnd = chunkEnd;
        this.buffers = buffers;
        this.urgency = urgency;
        this.disk = disk;
        this.written = written;
    }

    @Override
    public synchronized RangeSink open(long offset, int length) {
        int first = Geometry.chunkOf(offset);
        int end = Geometry.chunkOf(offset + length - 1) + 1;
        if (first != nextChunk || end > chunkEnd || offset != file.layout().offset(first)) {
            throw new IllegalArgumentException("a piece of " + length + " bytes at " + offset + " of " + file.object());
        }
        nextChunk = end;
        ChunkSink sink = new ChunkSink(file, first, end, buffers, urgency, disk, written);
        opened.add(sink);
        return sink;
    }

    /** Takes no more bytes; done when nothing is being written, failed if a write failed. */
    synchronized CompletableFuture<Void> finish() {
        return CompletableFuture.allOf(opened.stream().map(ChunkSink::finish).toArray(CompletableFuture[]::new));
    }

    /** Whether every chunk of the run came. */
    synchronized boolean complete() {
        return nextChunk == chunkEnd && opened.stream().allMatch(ChunkSink::complete);
    }
}
