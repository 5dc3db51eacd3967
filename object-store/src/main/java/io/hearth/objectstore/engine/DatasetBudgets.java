package io.hearth.objectstore.engine;

import io.hearth.objectstore.OriginSettings;
import java.util.LinkedHashMap;
import java.util.Map;

/** What each dataset may ask of an origin per second. Thread-safe. */
final class DatasetBudgets {
    /** A dataset that is forgotten begins anew with a second's worth: no more than an idle one has anyway. */
    private static final int DATASETS_MAX = 1024;

    private final OriginSettings settings;
    private final boolean limited;
    private final Map<String, Budget> budgets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Budget> eldest) {
            return size() > DATASETS_MAX;
        }
    };

    private record Budget(TokenBucket requests, TokenBucket bytes) {}

    DatasetBudgets(OriginSettings settings) {
        this.settings = settings;
        this.limited = settings.datasetRequests() > 0 || settings.datasetRate().bytes() > 0;
    }

    synchronized boolean open(String dataset, long nowNs) {
        if (!limited) {
            return true;
        }
        Budget budget = of(dataset, nowNs);
        return budget.requests().open(nowNs) && budget.bytes().open(nowNs);
    }

    synchronized void request(String dataset, long nowNs) {
        if (limited) {
            of(dataset, nowNs).requests().take(1);
        }
    }

    synchronized void bytes(String dataset, int count, long nowNs) {
        if (limited) {
            of(dataset, nowNs).bytes().take(count);
        }
    }

    private Budget of(String dataset, long nowNs) {
        return budgets.computeIfAbsent(
                dataset,
                name -> new Budget(
                        new TokenBucket(settings.datasetRequests(), nowNs),
                        new TokenBucket(settings.datasetRate().bytes(), nowNs)));
    }
}
