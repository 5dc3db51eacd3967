package io.hearth.client.intent;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.ObjectId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where the orders in which objects were read are kept from one mount to the next. Thread-safe; nothing blocks, nothing
 * fails.
 */
public interface ReadingOrders {
    /** Keeps nothing. */
    ReadingOrders NONE = new ReadingOrders() {
        @Override
        public CompletableFuture<Optional<BlockOrder>> find(ObjectId object) {
            return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public void keep(ObjectId object, BlockOrder order) {}
    };

    /**
     * The order in which blocks of the object were first touched, the last time; empty where none can be had. Never
     * failed.
     */
    CompletableFuture<Optional<BlockOrder>> find(ObjectId object);

    /** Keeps the order in place of the one before, if it can. */
    void keep(ObjectId object, BlockOrder order);
}
