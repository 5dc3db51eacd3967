package io.hearth.client.intent;

import io.hearth.client.Intents;
import io.hearth.client.ObjectReads;
import io.hearth.client.ObjectReads.OpenObject;
import io.hearth.client.PrefetchHints;
import io.hearth.client.Siblings;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the whole of a file of weights filled once its header is read, in the order in which it was read before where
 * that is known, and then the shards that an index beside it names. The workers fill: it takes no memory of the mount.
 * One thread looks at headers; readers never wait for it. Thread-safe.
 */
public final class ModelFills implements Intents, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelFills.class);

    private static final int PREFIX_BYTES = 64 << 10;
    private static final String INDEX = ".index.json";
    private static final int INDEXES_MAX = 4;
    private static final int ENTRIES_MAX = 4096;

    /** Of 200 bytes a tensor: 80,000 tensors; the largest models published have a tenth of that. */
    private static final int INDEX_BYTES_MAX = 16 << 20;

    /** What one hint may say. */
    private static final long HINT_BYTES_MAX = 4L << 30;

    private static final long NOTED_BYTES = 8L << 20;
    private static final long CLOSE_SECONDS_MAX = 5;

    private final PrefetchHints hints;
    private final RequestContext context;
    private final IntentSettings settings;
    private final IntentMetrics metrics;
    private final FillQueue queue;
    private final Replays replays;
    private final ThreadPoolExecutor thread;

    /**
     * @param orders where it is kept in which order models are read
     * @param context for whom workers fill
     */
    public ModelFills(
            PrefetchHints hints,
            ReadingOrders orders,
            RequestContext context,
            IntentSettings settings,
            IntentMetrics metrics,
            LongSupplier nanoTime) {
        this.hints = hints;
        this.context = context;
        this.settings = settings;
        this.metrics = metrics;
        this.queue = new FillQueue(settings.ahead().bytes(), settings.shardsMax(), nanoTime);
        this.replays = new Replays(orders, settings);
        this.thread = new ThreadPoolExecutor(
                1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(settings.queueMax()), task -> {
                    Thread looking = new Thread(task, "hearth-intent");
                    looking.setDaemon(true);
                    return looking;
                });
        thread.allowCoreThreadTimeOut(true);
    }

    @Override
    public Watch opened(ObjectRef object, Siblings siblings, ObjectReads reads) {
        boolean large = object.sizeBytes() > Geometry.BLOCK_BYTES; // Less is one request anyway.
        return large && settings.ahead().bytes() > 0 && Weights.named(object.key())
                ? new Opened(object, siblings, reads)
                : Watch.NONE;
    }

    /** Bytes of what is being filled that nobody has read. */
    long unreadBytes() {
        return queue.unreadBytes();
    }

    private void later(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("too many headers wait to be looked at");
        }
    }

    private void look(ObjectRef object, ObjectId id, OrderRecord record, Siblings siblings, ObjectReads reads) {
        try {
            if (!hints.listening()) {
                return;
            }
            CompletableFuture<Optional<BlockOrder>> before = replays.find(id); // Comes while the header does.
            if (!Weights.begin(object, start(object, PREFIX_BYTES, reads))) {
                metrics.refused();
                return;
            }
            long bytes = queue.begin(id, object.sizeBytes());
            if (bytes > 0) {
                metrics.model();
                record.filled();
                tell(object, bytes, before);
                queue.follow(shardsAfter(object, siblings, reads));
                tellMore();
            }
        } catch (HearthException e) {
            LOG.debug("{} is not filled ahead: {}", object.key(), e.getMessage());
        }
    }

    /** A shard and the order that was asked for. */
    private record Asked(ObjectRef shard, CompletableFuture<Optional<BlockOrder>> before) {}

    /** Some orders are asked for at once: where the masters are slow, each takes as long as it may. */
    private void tellMore() {
        Queue<Asked> asked = new ArrayDeque<>();
        for (ObjectRef shard : queue.take()) {
            if (asked.size() >= settings.ordersMax()) {
                tell(asked.remove());
            }
            asked.add(new Asked(shard, replays.findSoon(shard.id())));
        }
        asked.forEach(this::tell);
    }

    private void tell(Asked asked) {
        long bytes = Math.min(asked.shard().sizeBytes(), settings.ahead().bytes());
        tell(asked.shard(), bytes, asked.before());
    }

    private void tell(ObjectRef object, long bytes, CompletableFuture<Optional<BlockOrder>> before) {
        replays.await(before, object)
                .ifPresentOrElse(order -> tellInOrder(object, bytes, order), () -> tell(object, bytes));
        metrics.told(bytes);
    }

    private void tellInOrder(ObjectRef object, long bytes, BlockOrder order) {
        Replays.whole(order, object, bytes).forEach(part -> hints.prefetch(context, object, part));
        metrics.replayed();
    }

    private void tell(ObjectRef object, long bytes) {
        long parts = (bytes + HINT_BYTES_MAX - 1) / HINT_BYTES_MAX;
        long part = Geometry.blockOffset(Geometry.blocks((bytes + parts - 1) / parts));
        for (long from = 0; from < bytes; from += part) {
            hints.prefetch(context, object, from, Math.min(part, bytes - from));
        }
    }

    /** Of the first index that names this shard: those after it, then those before it. */
    private Map<ObjectId, ObjectRef> shardsAfter(ObjectRef shard, Siblings siblings, ObjectReads reads) {
        String name = shard.key().substring(shard.key().lastIndexOf('/') + 1);
        for (String index : first(INDEXES_MAX, siblings.names(INDEX, ENTRIES_MAX))) {
            Optional<ObjectRef> file = siblings.named(index).filter(found -> found.sizeBytes() <= INDEX_BYTES_MAX);
            List<String> shards = file.map(found -> ShardIndex.shards(
                            start(found, (int) found.sizeBytes(), reads).array()))
                    .orElse(List.of());
            int at = shards.indexOf(name);
            if (at >= 0) {
                Map<ObjectId, ObjectRef> after = new LinkedHashMap<>();
                for (int next = 1; next < shards.size(); next++) {
                    siblings.named(shards.get((at + next) % shards.size()))
                            .filter(found -> found.sizeBytes() > 0)
                            .ifPresent(found -> after.put(found.id(), found));
                }
                return after;
            }
        }
        return Map.of();
    }

    private static List<String> first(int most, List<String> names) {
        return names.subList(0, Math.min(most, names.size()));
    }

    private static ByteBuffer start(ObjectRef object, int bytesMax, ObjectReads reads) {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(bytesMax, object.sizeBytes()));
        try (OpenObject open = reads.open(object)) {
            open.read(0, bytes);
        }
        return bytes.flip();
    }

    /** Stops looking; what workers were told of is theirs. Bounded. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.warn("a header is still being looked at");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Opened implements Watch {
        private final ObjectRef object;
        private final ObjectId id;
        private final Siblings siblings;
        private final ObjectReads reads;
        private final OrderRecord record;
        private final AtomicBoolean looked = new AtomicBoolean();
        private final AtomicLong unnoted = new AtomicLong();

        Opened(ObjectRef object, Siblings siblings, ObjectReads reads) {
            this.object = object;
            this.id = object.id();
            this.siblings = siblings;
            this.reads = reads;
            this.record = replays.opened(object, id);
        }

        @Override
        public boolean headed() {
            return true;
        }

        @Override
        public void read(long offset, int length) {
            if (offset == 0 && looked.compareAndSet(false, true)) {
                later(() -> look(object, id, record, siblings, reads));
            }
            record.read(offset, length);
            if (unnoted.addAndGet(length) >= NOTED_BYTES) {
                note();
            }
        }

        private void note() {
            queue.read(id, unnoted.getAndSet(0));
            if (queue.waits()) {
                later(ModelFills.this::tellMore);
            }
        }

        @Override
        public void closed() {
            queue.closed(id);
            note();
            if (replays.closed(id, record)) {
                metrics.recorded();
            }
        }
    }
}
