package io.hearth.client.intent;

import io.hearth.client.MasterApi;
import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.ObjectId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link ReadingOrders} that the masters keep with a dataset. A master that is down, that is older than this, or that
 * gives what is no order changes nothing but speed.
 */
public final class MasterOrders implements ReadingOrders {
    private static final Logger LOG = LoggerFactory.getLogger(MasterOrders.class);

    private final MasterApi masters;
    private final DatasetName dataset;

    public MasterOrders(MasterApi masters, DatasetName dataset) {
        this.masters = masters;
        this.dataset = dataset;
    }

    @Override
    public CompletableFuture<Optional<BlockOrder>> find(ObjectId object) {
        return masters.order(dataset, object).thenApply(BlockOrder::decode).handle((order, failure) -> {
            if (failure != null) {
                LOG.debug("no order of reading {} is known: {}", object, failure.getMessage());
            }
            return Optional.ofNullable(order);
        });
    }

    @Override
    public void keep(ObjectId object, BlockOrder order) {
        masters.keepOrder(dataset, object, order.encode()).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.debug("the order of reading {} is not kept: {}", object, failure.getMessage());
            }
        });
    }
}
