package io.hearth.client;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Open object stores by access, the least recently used closed first, and never while it is in use: in-use ones may
 * exceed the bound for as long as they are. Thread-safe.
 */
final class OpenStores implements AutoCloseable {
    private final ObjectStoreFactory factory;
    private final int storesMax;
    private final Map<OriginAccess, Lent> stores = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;

    OpenStores(ObjectStoreFactory factory, int storesMax) {
        this.factory = factory;
        this.storesMax = storesMax;
    }

    /** The store for {@code access}; give it back with {@link Lent#giveBack()}, once. */
    synchronized Lent lend(OriginAccess access) {
        if (closed) {
            throw new HearthException(FailureKind.UNAVAILABLE, "the client of the origin is closed");
        }
        Lent lent = stores.get(access);
        if (lent == null) {
            lent = new Lent(factory.open(access));
            stores.put(access, lent);
        }
        lent.users++;
        closeIdle();
        return lent;
    }

    synchronized int size() {
        return stores.size();
    }

    private void closeIdle() {
        Iterator<Lent> eldestFirst = stores.values().iterator();
        while (stores.size() > storesMax && eldestFirst.hasNext()) {
            Lent lent = eldestFirst.next();
            if (lent.users == 0) {
                eldestFirst.remove();
                lent.store.close();
            }
        }
    }

    /** Closes all; transfers in flight fail. */
    @Override
    public synchronized void close() {
        closed = true;
        stores.values().forEach(lent -> lent.store.close());
        stores.clear();
    }

    /** A store in use. */
    final class Lent {
        private final ObjectStore store;
        private int users;

        private Lent(ObjectStore store) {
            this.store = store;
        }

        ObjectStore store() {
            return store;
        }

        void giveBack() {
            synchronized (OpenStores.this) {
                users--;
                closeIdle();
            }
        }
    }
}
