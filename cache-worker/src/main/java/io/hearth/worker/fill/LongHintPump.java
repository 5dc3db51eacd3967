package io.hearth.worker.fill;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.Tier;
import io.hearth.worker.tier.TierStore;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins the blocks of long hints while fewer are under way than may be, and goes on by itself as chunks come and
 * transfers end. Thread-safe.
 */
final class LongHintPump {
    private static final Logger LOG = LoggerFactory.getLogger(LongHintPump.class);

    private final LongHints hints;
    private final FillSlots slots;
    private final DiskThreads disk;
    private final TierStore store;
    private final PrefetchSettings settings;
    private final WorkerMetrics metrics;
    private final Begin begin;
    private final AtomicInteger passes = new AtomicInteger();
    private final Runnable goOn = this::goOn;
    private volatile boolean closed;

    /** Has a block of a held file filled in the background. */
    @FunctionalInterface
    interface Begin {
        void begin(RequestContext context, ObjectFile file, int block);
    }

    LongHintPump(
            FillSlots slots,
            DiskThreads disk,
            TierStore store,
            PrefetchSettings settings,
            WorkerMetrics metrics,
            Begin begin) {
        this.hints = new LongHints(settings.depthBlocks(), settings.rangesMax());
        this.slots = slots;
        this.disk = disk;
        this.store = store;
        this.settings = settings;
        this.metrics = metrics;
        this.begin = begin;
    }

    /** Takes these blocks in and begins; false, and nothing done, if too many hints wait. Blocks for the disk. */
    boolean add(RequestContext context, ObjectRef object, BlockOrder order) {
        boolean taken = hints.add(context, object, order);
        if (taken) {
            goOn();
        }
        return taken;
    }

    /** A chunk has come, of whatever was asked for: more may be under way. Blocks nobody. */
    void chunkCame() {
        if (hints.chunkCame()) {
            disk.whenFree(goOn);
        }
    }

    /** A transfer has left its slot. Blocks nobody. */
    void transferEnded() {
        if (!hints.isEmpty()) {
            disk.whenFree(goOn);
        }
    }

    /** What is left of an object is not wanted any more. */
    void forget(ObjectId id) {
        hints.forget(id);
    }

    void close() {
        closed = true;
    }

    /** One thread at a time: two would see the same room. */
    private void goOn() {
        if (passes.getAndIncrement() > 0) {
            return;
        }
        do {
            while (!closed && slots.ahead() < hints.depth() && slots.prefetchRoom()) {
                Optional<LongHints.Block> next = hints.next();
                if (next.isEmpty()) {
                    break;
                }
                begin(next.get());
            }
        } while (passes.decrementAndGet() > 0);
    }

    private void begin(LongHints.Block block) {
        Optional<ObjectFile> held = Optional.empty();
        boolean begun = false;
        try {
            held = store.holdOrBegin(
                    block.object(), block.id(), block.context().dataset().namespace());
            if (held.isPresent() && roomAhead(held.get().tier(), block.before())) {
                begin.begin(block.context(), held.get(), block.number());
                begun = true;
            }
        } catch (RuntimeException e) {
            LOG.debug("{} is not filled ahead: {}", block.object(), e.getMessage());
        } finally {
            held.ifPresent(ObjectFile::release);
        }
        if (!begun) {
            hints.forget(block.id());
            metrics.prefetchDropped();
        }
    }

    /** An object that its tier cannot hold beside others would push itself out before it is read. */
    private boolean roomAhead(Tier tier, int blocksBefore) {
        return !tier.full() && Geometry.blockOffset(blocksBefore) < tier.quotaBytes() / 100 * settings.tierPercent();
    }
}
