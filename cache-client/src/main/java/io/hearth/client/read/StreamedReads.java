package io.hearth.client.read;

import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.FileWatcher;
import io.hearth.client.Intents;
import io.hearth.client.ObjectReads;
import io.hearth.client.PrefetchHints;
import io.hearth.client.Siblings;
import io.hearth.client.Source;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.settings.DataSize;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@link ObjectReads} over a source: chunks are fetched once for all readers, kept within a bound of memory, and
 * fetched ahead of readers that go through an object in order; further ahead, whoever caches is told what will be
 * wanted.
 */
public final class StreamedReads implements ObjectReads {
    private static final long RECOUNT_NS = 1_000_000_000;

    private final Source source;
    private final PrefetchHints hints;
    private final LocalReads local;
    private final Intents intents;
    private final RequestContext context;
    private final ClientSettings settings;
    private final ClientMetrics metrics;
    private final ChunkTable table;
    private final Map<ObjectId, ObjectStreams> opens = new HashMap<>();
    private final Set<OpenStream> streams = new HashSet<>();
    private final AtomicInteger streaming = new AtomicInteger();
    private final AtomicLong recountedNs = new AtomicLong(System.nanoTime());
    private volatile boolean closed;

    /** Reads nothing of this node by itself. */
    public StreamedReads(
            Source source,
            PrefetchHints hints,
            RequestContext context,
            ClientSettings settings,
            ClientMetrics metrics) {
        this(source, hints, LocalReads.NONE, Intents.NONE, context, settings, metrics);
    }

    /**
     * @param local asked first; what it does not give comes from the source
     * @param intents told of what readers open and read
     * @param context for whom all reads are
     */
    public StreamedReads(
            Source source,
            PrefetchHints hints,
            LocalReads local,
            Intents intents,
            RequestContext context,
            ClientSettings settings,
            ClientMetrics metrics) {
        this.source = source;
        this.hints = hints;
        this.local = local;
        this.intents = intents;
        this.context = context;
        this.settings = settings;
        this.metrics = metrics;
        int buffers = (int) (settings.readMemory().bytes() / Geometry.CHUNK_BYTES);
        this.table = new ChunkTable(new ChunkPool(buffers, metrics));
    }

    @Override
    public OpenObject open(ObjectRef object) {
        return open(object, Intents.Watch.NONE);
    }

    @Override
    public OpenObject open(ObjectRef object, Siblings siblings) {
        return open(object, intents.opened(object, siblings, this));
    }

    private OpenObject open(ObjectRef object, Intents.Watch watch) {
        ObjectId id = object.id();
        synchronized (opens) {
            ObjectStreams together = opens.computeIfAbsent(
                    id,
                    first -> new ObjectStreams(
                            object.sizeBytes(), watch.headed(), settings.cursors(), streaming, System::nanoTime));
            OpenStream stream = new OpenStream(this, object, id, together, watch);
            together.opened();
            streams.add(stream);
            return stream;
        }
    }

    @Override
    public void watch(FileWatcher watcher) {
        local.watch(watcher);
    }

    /** Ends every open object; reads in flight fail. */
    @Override
    public void close() {
        closed = true;
        Set<OpenStream> left;
        synchronized (opens) {
            left = Set.copyOf(streams);
        }
        left.forEach(OpenStream::close);
        table.close().forEach(Fill::cancel);
    }

    void closed(OpenStream stream) {
        List<Fill> unwanted = List.of();
        synchronized (opens) {
            if (streams.remove(stream) && opens.get(stream.id()).closed()) {
                opens.remove(stream.id());
                unwanted = table.drop(stream.id()::equals); // Under the lock: a new open must not lose its chunks.
            }
        }
        unwanted.forEach(Fill::cancel);
        table.wakeAll();
    }

    boolean isClosed() {
        return closed;
    }

    /** Memory for chunks that is in use now, in bytes. */
    public long memoryInUse() {
        return (long) table.buffersTaken() * Geometry.CHUNK_BYTES;
    }

    /** Chunks that one stream may read ahead, so that all of them together find room. */
    int aheadChunksMax() {
        DataSize reach = hints.listening() ? settings.readAhead() : settings.readAheadAlone();
        int wanted = (int) (reach.bytes() / Geometry.CHUNK_BYTES);
        int share = table.aheadMax() / streams();
        return Math.min(wanted, Math.max(1, share));
    }

    /** How far ahead of one stream may be gone, so that all of them together keep the bounds. */
    ReadWindow.Bounds bounds(boolean eager) {
        return new ReadWindow.Bounds(aheadChunksMax(), eager ? ReadWindow.HINT_FACTOR : 1, hintBytesMax());
    }

    /** Bytes ahead of one stream that a cache may be told of: its share, and a block at least. */
    long hintBytesMax() {
        long all = settings.prefetch().bytes();
        return Math.min(all, Math.max(Geometry.BLOCK_BYTES, all / streams()));
    }

    /** Streams that are read now, at least 1; objects that stay open unread are left out within a second. */
    private int streams() {
        long nowNs = System.nanoTime();
        long beforeNs = recountedNs.get();
        if (nowNs - beforeNs >= RECOUNT_NS && recountedNs.compareAndSet(beforeNs, nowNs)) {
            List<ObjectStreams> all;
            synchronized (opens) {
                all = List.copyOf(opens.values());
            }
            all.forEach(ObjectStreams::recount);
        }
        return Math.max(1, streaming.get());
    }

    ChunkTable table() {
        return table;
    }

    Source source() {
        return source;
    }

    PrefetchHints hints() {
        return hints;
    }

    LocalReads local() {
        return local;
    }

    RequestContext context() {
        return context;
    }

    ClientSettings settings() {
        return settings;
    }

    ClientMetrics metrics() {
        return metrics;
    }
}
