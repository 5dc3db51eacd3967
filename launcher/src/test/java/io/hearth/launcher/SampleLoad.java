package io.hearth.launcher;

import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A load of 512 MiB in four files, at any point of its life. */
public final class SampleLoad {
    public static final long TOTAL = 512 << 20;

    private SampleLoad() {}

    public static LoadStatus at(LoadPhase phase, long resident, long verified) {
        return at(phase, resident, verified, 0, List.of(), Optional.empty());
    }

    public static LoadStatus failed(long files, List<LoadStatus.FailedPath> named, Optional<String> message) {
        return at(LoadPhase.FAILED, TOTAL / 2, 0, files, named, message);
    }

    private static LoadStatus at(
            LoadPhase phase,
            long resident,
            long verified,
            long failed,
            List<LoadStatus.FailedPath> named,
            Optional<String> message) {
        boolean begun = phase != LoadPhase.PENDING;
        return new LoadStatus(
                "default",
                "llama-1",
                "llama",
                new LoadSpec(
                        List.of(
                                new LoadSpec.Target("/weights", Optional.of(2)),
                                new LoadSpec.Target("/*.json", Optional.empty())),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("1h")),
                phase,
                message,
                Optional.of("g1"),
                phase == LoadPhase.COMPLETE ? 100 : Math.min(99.9, resident * 1000 / TOTAL / 10.0),
                new LoadStatus.Files(4, resident == TOTAL ? 4 : 1, verified == TOTAL ? 4 : 0, failed),
                new LoadStatus.Bytes(TOTAL, resident, verified, 8 << 20),
                Map.of(LoadStatus.ORIGIN, resident),
                begun ? 256 << 20 : 0,
                phase == LoadPhase.RUNNING ? Optional.of(65L) : Optional.empty(),
                begun ? 1 : 0,
                named,
                List.of(new LoadStatus.WorkerPart("w1", TOTAL, resident, verified)),
                "2026-11-21T09:54:30Z",
                begun ? Optional.of("2026-11-21T09:58:00Z") : Optional.empty(),
                phase.ended() ? Optional.of("2026-11-21T09:58:07Z") : Optional.empty(),
                begun ? 7_400 : 0);
    }
}
