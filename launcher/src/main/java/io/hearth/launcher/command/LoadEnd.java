package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.launcher.output.LoadProgress;
import io.hearth.launcher.output.LoadTables;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadStatus;
import java.time.Instant;
import java.util.List;

/** How a load ended: for the person who waited, and as an exit status. */
public final class LoadEnd {
    private LoadEnd() {}

    /** Waits, prints the ended load on stdout, and fails unless it is complete. */
    static int await(MasterApi api, LoadStatus load, OutputOption output) {
        LoadStatus ended;
        try (LoadProgress progress = LoadProgress.of(System.err, System::nanoTime)) {
            ended = LoadWatch.of(api, load).await(progress);
        }
        output.print(ended, () -> LoadTables.list(List.of(ended), Instant.now()));
        requireComplete(ended);
        return 0;
    }

    /** @throws HearthException for a load that failed or was cancelled: what is missing, and what to do */
    public static void requireComplete(LoadStatus ended) {
        if (ended.phase() != LoadPhase.COMPLETE) {
            throw new HearthException(FailureKind.UNAVAILABLE, "load " + ended.name() + " " + why(ended));
        }
    }

    private static String why(LoadStatus ended) {
        String namespace = ended.namespace().equals(DatasetName.DEFAULT_NAMESPACE) ? "" : " -n " + ended.namespace();
        String see = ": see 'hearth load describe " + ended.name() + namespace + "'";
        String how = ended.phase() == LoadPhase.CANCELLED ? "was cancelled" : "failed";
        if (ended.failedPaths().isEmpty()) {
            return how + ended.message().map(message -> ", " + message).orElse("") + see;
        }
        LoadStatus.FailedPath first = ended.failedPaths().get(0);
        long more = Math.max(ended.files().failed(), ended.failedPaths().size()) - 1;
        return how + ", " + first.path() + " is missing (" + first.reason() + ")"
                + (more > 0 ? " and " + more + " more" : "") + see;
    }
}
