package io.hearth.master;

import io.hearth.cluster.ClusterStore;
import io.hearth.cluster.TransactionalMap;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The datasets by name. Blocks; writes may take part in a transaction. */
final class Catalog {
    private static final int PAGE = 1000;

    private final ClusterStore store;
    private final TransactionalMap<StoredDataset> datasets;
    private final int datasetsMax;

    Catalog(ClusterStore store, MasterSettings settings) {
        this.store = store;
        this.datasets = store.map("datasets", StoredDataset.CODEC);
        this.datasetsMax = settings.datasetsMax();
    }

    Optional<StoredDataset> find(DatasetName name) {
        return datasets.get(name.toString());
    }

    StoredDataset require(DatasetName name) {
        return find(name).orElseThrow(() -> unknown(name));
    }

    /** @throws HearthException {@code CONFLICT} if the name is taken */
    void requireFree(DatasetName name) {
        if (find(name).isPresent()) {
            throw taken(name);
        }
        if (count() >= datasetsMax) {
            throw new HearthException(
                    FailureKind.OVERLOADED, "there are " + datasetsMax + " datasets already (master.datasets-max)");
        }
    }

    void create(StoredDataset dataset) {
        if (!datasets.putIfAbsent(dataset.datasetName().toString(), dataset)) {
            throw taken(dataset.datasetName());
        }
    }

    void updateSpec(DatasetName name, DatasetSpec spec) {
        store.transact(() -> datasets.put(name.toString(), require(name).withSpec(spec)));
    }

    /** Changes the dataset if it is still the one of {@code uid}. @return whether it was */
    boolean change(DatasetName name, String uid, UnaryOperator<StoredDataset> change) {
        return store.transaction(() -> {
            Optional<StoredDataset> dataset =
                    find(name).filter(stored -> stored.uid().equals(uid));
            dataset.ifPresent(stored -> datasets.put(name.toString(), change.apply(stored)));
            return dataset.isPresent();
        });
    }

    StoredDataset delete(DatasetName name) {
        return store.transaction(() -> {
            StoredDataset dataset = require(name);
            datasets.remove(name.toString());
            return dataset;
        });
    }

    /** The datasets of a namespace by name. */
    List<StoredDataset> list(String namespace) {
        return page(new DatasetName(namespace, "x").namespace() + "/");
    }

    int count() {
        int count = 0;
        Optional<String> after = Optional.empty();
        while (true) {
            List<String> keys = datasets.keys("", after, PAGE);
            count += keys.size();
            if (keys.size() < PAGE) {
                return count;
            }
            after = Optional.of(keys.get(keys.size() - 1));
        }
    }

    /** All datasets. */
    List<StoredDataset> all() {
        return page("");
    }

    private List<StoredDataset> page(String prefix) {
        List<StoredDataset> all = new ArrayList<>();
        Optional<String> after = Optional.empty();
        while (true) {
            List<TransactionalMap.Entry<StoredDataset>> page = datasets.entries(prefix, after, PAGE);
            page.forEach(entry -> all.add(entry.value()));
            if (page.size() < PAGE) {
                return all;
            }
            after = Optional.of(page.get(page.size() - 1).key());
        }
    }

    private static HearthException taken(DatasetName name) {
        return new HearthException(
                FailureKind.CONFLICT,
                "the dataset " + name + " exists already: choose another name, update it, or delete it first");
    }

    private static HearthException unknown(DatasetName name) {
        return new HearthException(
                FailureKind.NOT_FOUND,
                "the dataset " + name + " does not exist: see hearth dataset list -n " + name.namespace());
    }
}
