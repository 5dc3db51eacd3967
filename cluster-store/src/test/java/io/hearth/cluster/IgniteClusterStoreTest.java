package io.hearth.cluster;

import io.hearth.testing.StoppedClock;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class IgniteClusterStoreTest extends ClusterStoreContract {
    private static final StoppedClock CLOCK = new StoppedClock();

    @TempDir
    private static Path directory;

    private static ClusterStore store;

    @BeforeAll
    static void open() {
        store = IgniteClusterStore.open(TestStores.settings(directory), CLOCK);
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @Override
    ClusterStore store() {
        return store;
    }

    @Override
    StoppedClock clock() {
        return CLOCK;
    }
}
