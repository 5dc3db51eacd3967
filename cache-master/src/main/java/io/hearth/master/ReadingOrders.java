package io.hearth.master;

import io.hearth.cluster.ClusterStore;
import io.hearth.cluster.Codec;
import io.hearth.cluster.TransactionalMap;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import java.util.List;
import java.util.Optional;

/**
 * In which order objects of current generations were read, as mounts told last: 32 KiB each at most. One of an object
 * that has another version now, or is gone, leaves with the generation. Thread-safe; blocks.
 */
final class ReadingOrders {
    private final TransactionalMap<byte[]> orders;
    private final ObjectIndexes indexes;
    private final int ordersMax;

    ReadingOrders(ClusterStore store, ObjectIndexes indexes, MasterSettings settings) {
        this.orders = store.map("reading-orders", Codec.bytes());
        this.indexes = indexes;
        this.ordersMax = settings.readingOrdersMax();
    }

    Optional<byte[]> find(String uid, ObjectId object) {
        return orders.get(key(uid, object));
    }

    /** @throws HearthException {@link FailureKind#NOT_FOUND} for an object that the current generation has not */
    void keep(StoredDataset dataset, ObjectId object, byte[] bytes) {
        BlockOrder order = BlockOrder.decode(bytes);
        long sizeBytes = sizeOf(dataset, object);
        if (sizeBytes < 0) {
            throw new HearthException(
                    FailureKind.NOT_FOUND, "the dataset " + dataset.datasetName() + " has no object " + object);
        }
        if (!order.within(sizeBytes)) {
            throw new HearthException(FailureKind.INVALID, "an order of blocks that " + object + " has not");
        }
        String key = key(dataset.uid(), object);
        if (orders.get(key).isEmpty()) {
            makeRoom(dataset.uid(), key);
        }
        orders.put(key, bytes);
    }

    /** One goes for the new one: that whose id comes next, which is any of them. */
    private void makeRoom(String uid, String key) {
        List<String> all = keys(uid);
        if (all.size() >= ordersMax) {
            orders.remove(all.stream()
                    .filter(other -> other.compareTo(key) > 0)
                    .findFirst()
                    .orElse(all.get(0)));
        }
    }

    /** Removes what is of no use: all, where the dataset is gone. */
    void retain(String uid, Optional<StoredDataset> dataset) {
        for (String key : keys(uid)) {
            ObjectId object = ObjectId.parse(key.substring(uid.length() + 1));
            if (dataset.isEmpty() || sizeOf(dataset.get(), object) < 0) {
                orders.remove(key);
            }
        }
    }

    private long sizeOf(StoredDataset dataset, ObjectId object) {
        return dataset.current()
                .map(current -> indexes.of(dataset.uid(), current.generation()).sizeOf(object))
                .orElse(-1L);
    }

    private List<String> keys(String uid) {
        return orders.keys(uid + "/", Optional.empty(), ordersMax + 1);
    }

    private static String key(String uid, ObjectId object) {
        return uid + "/" + object;
    }
}
