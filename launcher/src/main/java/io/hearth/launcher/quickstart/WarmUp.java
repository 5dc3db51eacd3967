package io.hearth.launcher.quickstart;

import io.hearth.client.MasterApi;
import io.hearth.launcher.command.LoadEnd;
import io.hearth.launcher.command.LoadWatch;
import io.hearth.launcher.output.LoadProgress;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import java.io.PrintStream;

/**
 * A load of a whole dataset, waited for.
 *
 * @param load the load, complete
 * @param seconds from the request until the master told that it is complete
 */
record WarmUp(LoadStatus load, double seconds) {
    /** Fails, in the load's own words, unless it completes. */
    static WarmUp run(MasterApi api, DatasetName dataset, PrintStream notices) {
        long start = System.nanoTime();
        LoadStatus created = api.createLoad(dataset, LoadSpec.whole()).join();
        LoadStatus ended;
        try (LoadProgress bar = LoadProgress.barOnly(notices)) {
            ended = LoadWatch.of(api, created).await(bar);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        LoadEnd.requireComplete(ended);
        return new WarmUp(ended, seconds);
    }

    long bytesPerSecond() {
        return (long) (load.bytes().total() / seconds);
    }
}
