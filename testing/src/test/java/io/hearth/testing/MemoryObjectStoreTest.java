package io.hearth.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.objectstore.ObjectStore;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryObjectStoreTest extends ObjectStoreContract {
    private final MemoryObjectStore store = new MemoryObjectStore();

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected void put(String key, byte[] bytes) {
        store.put(key, bytes);
    }

    @Override
    protected void delete(String key) {
        store.delete(key);
    }

    @Test
    void holdsAKeyThatIsAlsoAPrefix() {
        put("a", bytes(1));
        put("a/b", bytes(2));
        put("a/", bytes(0));
        assertEquals(
                List.of("a", "a/", "a/b"),
                listAll("a", 2).stream().map(ObjectStore.ListedObject::key).toList());
    }
}
