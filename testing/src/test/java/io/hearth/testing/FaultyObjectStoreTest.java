package io.hearth.testing;

import io.hearth.objectstore.ObjectStore;

/** Without faults the decorator changes nothing. */
class FaultyObjectStoreTest extends ObjectStoreContract {
    private final MemoryObjectStore memory = new MemoryObjectStore();
    private final ObjectStore store = new FaultyObjectStore(new CountingObjectStore(memory), FaultPlan.none());

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected void put(String key, byte[] bytes) {
        memory.put(key, bytes);
    }

    @Override
    protected void delete(String key) {
        memory.delete(key);
    }
}
