package io.hearth.testing.origin;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.s3.S3ObjectStores;
import io.hearth.testing.Content;
import io.hearth.testing.ObjectStoreContract;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;

/** The S3 store over the stub: what holds of a real store holds of it. */
class StubOriginContractTest extends ObjectStoreContract {
    private final StubOrigin origin = new StubOrigin(OriginLimits.none(), 1);
    private final S3ObjectStores stores =
            new S3ObjectStores(OriginSettings.defaults(), new OriginMetrics(new SimpleMeterRegistry()));
    private final ObjectStore store = stores.open(origin.access());

    @AfterEach
    void close() {
        stores.close();
        origin.close();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected void put(String key, byte[] bytes) {
        origin.put(key, Content.of(bytes));
    }

    @Override
    protected void delete(String key) {
        origin.delete(key);
    }
}
