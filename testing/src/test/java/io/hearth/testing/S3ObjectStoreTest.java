package io.hearth.testing;

import io.hearth.embedded.EmbeddedStore;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.s3.S3ObjectStores;
import io.hearth.protocol.OriginAccess;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The S3 store over the embedded server, with signed requests. */
class S3ObjectStoreTest extends ObjectStoreContract {
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    @TempDir
    static Path directory;

    private static EmbeddedStore server;
    private static S3ObjectStores stores;

    private String bucket;
    private ObjectStore store;

    @BeforeAll
    static void start() {
        server = EmbeddedStore.start(directory, 0, EmbeddedStore.randomKeys(new Random(1)));
        stores = new S3ObjectStores(OriginSettings.defaults(), new OriginMetrics(new SimpleMeterRegistry()));
    }

    @AfterAll
    static void stop() {
        stores.close();
        server.close();
    }

    @BeforeEach
    void open() {
        bucket = "bucket-" + BUCKETS.incrementAndGet();
        server.createBucket(bucket);
        store = stores.open(access(server.access(bucket, "")));
    }

    /** What the store is opened with. */
    OriginAccess access(OriginAccess full) {
        return full;
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected void put(String key, byte[] bytes) {
        server.put(bucket, key, bytes);
    }

    @Override
    protected void delete(String key) {
        server.delete(bucket, key);
    }
}
