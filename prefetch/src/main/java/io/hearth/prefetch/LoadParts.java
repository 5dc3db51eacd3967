package io.hearth.prefetch;

import io.hearth.master.DatasetTrees;
import io.hearth.master.LiveWorkers;
import io.hearth.prefetch.round.ShareClient;
import java.time.Clock;
import java.util.function.Supplier;

/** What every run of a load works with. */
record LoadParts(
        DatasetTrees trees,
        LiveWorkers workers,
        LoadStore store,
        ShareClient client,
        Supplier<String> shareIds,
        LoadSettings settings,
        LoadMetrics metrics,
        Clock clock) {}
