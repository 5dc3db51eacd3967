package io.hearth.client.intent;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.OrderedBlocks;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** Records in which order models are read, and finds the order in which they were read before. Thread-safe. */
final class Replays {
    private final ReadingOrders orders;
    private final int runsMax;
    private final long waitMs;
    private final Map<ObjectId, OrderRecord> records = new HashMap<>();

    Replays(ReadingOrders orders, IntentSettings settings) {
        this.orders = orders;
        this.runsMax = settings.orderRunsMax();
        this.waitMs = settings.orderWait().toMillis();
    }

    /** The record of an object that was opened; {@link #closed} must follow. */
    OrderRecord opened(ObjectRef object, ObjectId id) {
        synchronized (records) {
            OrderRecord record = records.computeIfAbsent(id, first -> new OrderRecord(object.sizeBytes(), runsMax));
            record.opened();
            return record;
        }
    }

    /** Gives whether an order was kept. */
    boolean closed(ObjectId id, OrderRecord record) {
        synchronized (records) {
            if (!record.closed()) {
                return false;
            }
            records.remove(id, record);
        }
        Optional<BlockOrder> order = record.worthKeeping();
        order.ifPresent(found -> orders.keep(id, found));
        return order.isPresent();
    }

    /** Asks for the order in which the object was read before. */
    CompletableFuture<Optional<BlockOrder>> find(ObjectId id) {
        return runsMax == 0 ? CompletableFuture.completedFuture(Optional.empty()) : orders.find(id);
    }

    /** The same, and nothing if it does not come within the bound. */
    CompletableFuture<Optional<BlockOrder>> findSoon(ObjectId id) {
        return find(id).copy().completeOnTimeout(Optional.empty(), waitMs, TimeUnit.MILLISECONDS);
    }

    /** What was found, if it came within the bound and may be of this object. Blocks for as long. */
    Optional<BlockOrder> await(CompletableFuture<Optional<BlockOrder>> found, ObjectRef object) {
        try {
            return found.get(waitMs, TimeUnit.MILLISECONDS).filter(order -> order.within(object.sizeBytes()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    /** So many bytes of the object, those of the order first, each block once. */
    static List<BlockOrder> whole(BlockOrder order, ObjectRef object, long bytes) {
        BitSet left = new BitSet();
        left.set(0, Geometry.blocks(object.sizeBytes()));
        int[] known = order.numbers().filter(block -> take(left, block)).toArray();
        OrderedBlocks all = new OrderedBlocks();
        IntStream.concat(Arrays.stream(known), left.stream())
                .limit(Geometry.blocks(bytes))
                .forEach(all::add);
        return all.orders(BlockOrder.RUNS_MAX);
    }

    private static boolean take(BitSet left, int block) {
        boolean first = left.get(block);
        left.clear(block);
        return first;
    }
}
