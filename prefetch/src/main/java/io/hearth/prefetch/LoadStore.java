package io.hearth.prefetch;

import io.hearth.cluster.ClusterStore;
import io.hearth.cluster.TransactionalMap;
import io.hearth.protocol.api.LoadStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The loads that the cluster store keeps, by namespace and name. Blocks. */
final class LoadStore {
    private static final int PAGE = 500;

    private final TransactionalMap<StoredLoad> loads;

    LoadStore(ClusterStore store) {
        loads = store.map("loads", StoredLoad.CODEC);
    }

    Optional<StoredLoad> find(String namespace, String name) {
        return loads.get(key(namespace, name));
    }

    void put(StoredLoad load) {
        loads.put(key(load.status()), load);
    }

    void remove(LoadStatus load) {
        loads.remove(key(load));
    }

    /** All of a namespace, in no order that means something. */
    List<StoredLoad> list(String namespace) {
        return page(namespace + "/");
    }

    List<StoredLoad> all() {
        return page("");
    }

    private List<StoredLoad> page(String prefix) {
        List<StoredLoad> all = new ArrayList<>();
        Optional<String> after = Optional.empty();
        while (true) {
            List<TransactionalMap.Entry<StoredLoad>> page = loads.entries(prefix, after, PAGE);
            page.forEach(entry -> all.add(entry.value()));
            if (page.size() < PAGE) {
                return all;
            }
            after = Optional.of(page.get(page.size() - 1).key());
        }
    }

    private static String key(LoadStatus load) {
        return key(load.namespace(), load.name());
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }
}
