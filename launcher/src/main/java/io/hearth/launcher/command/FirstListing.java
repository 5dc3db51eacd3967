package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Waits until a dataset's listing under way is done. */
public final class FirstListing {
    private static final Set<String> DONE = Set.of(DatasetStatus.BOUND, DatasetStatus.FAILED);
    private static final long POLL_MS = 100;
    private static final long QUIET_MS = 2000;

    private FirstListing() {}

    /** @param notices where a waiting person is told, after two seconds */
    public static DatasetStatus await(MasterApi api, DatasetName name, Duration bound, PrintStream notices) {
        long start = System.nanoTime();
        boolean told = false;
        while (true) {
            DatasetStatus status = api.describe(name).join();
            if (DONE.contains(status.phase())) {
                return status;
            }
            long waitedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            if (waitedMs > bound.toMillis()) {
                throw new HearthException(
                        FailureKind.TIMEOUT,
                        name + " is saved, but its first listing is not done after " + bound.toSeconds()
                                + " s; see 'hearth dataset describe " + name.name() + "'");
            }
            if (waitedMs > QUIET_MS && !told) {
                notices.println("hearth: listing the origin of " + name + " ...");
                told = true;
            }
            CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(POLL_MS, TimeUnit.MILLISECONDS))
                    .join();
        }
    }
}
