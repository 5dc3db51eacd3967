package io.hearth.prefetch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.master.PinnedTree;
import io.hearth.prefetch.round.PlannedShare;
import io.hearth.prefetch.round.Share;
import io.hearth.prefetch.target.WantedFiles;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.LoadShare.Stage;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;
import io.hearth.protocol.wire.ResidencyReport;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/** One file of 100 bytes on one worker, and what is said of it. */
class LoadReportTest {
    private final Share share = new Share(
            new PlannedShare(new WorkerRegistration("w", 1, "h", 1, 2, "v", List.of()), 0, 1, new int[] {0}, 100),
            "id",
            0);

    @Test
    void whatAnEarlierLifeOfTheEngineHadFetchedStaysTheOrigins() {
        LoadReport report = report(Map.of(LoadStatus.ORIGIN, 60L));
        assertEquals(Map.of(LoadStatus.ORIGIN, 60L), report.status(0).sources(), "before its first round");
        begin(report);
        answer(report, Stage.FILLING, 90, 30, 10);
        assertEquals(
                Map.of(LoadStatus.ORIGIN, 90L, LoadStatus.TIER, 0L),
                report.status(0).sources());
    }

    @Test
    void aLoadThatWaitsToTryAgainIsNotVerifying() {
        LoadReport report = report(Map.of());
        begin(report);
        answer(report, Stage.VERIFIED, 0, 0, 0);
        assertEquals(LoadPhase.VERIFYING, report.status(0).phase());
        report.waitFor(Optional.of("tries again"));
        assertEquals(LoadPhase.RUNNING, report.status(0).phase());
    }

    @Test
    void nothingIsOnItsWayForALoadThatHasEnded() {
        LoadReport report = report(Map.of());
        begin(report);
        answer(report, Stage.FILLING, 30, 30, 70);
        assertEquals(70, report.status(0).bytes().inFlight());
        LoadStatus last = report.ended(LoadPhase.CANCELLED, Optional.empty(), 0, Map.of());
        assertEquals(new LoadStatus.Bytes(100, 30, 0, 0), last.bytes());
    }

    private void begin(LoadReport report) {
        WantedFiles.Builder files = new WantedFiles.Builder(new OneSegment());
        files.segment(0);
        files.add(0, 100, 1);
        report.begin(files.build(), false);
        report.round(List.of(share), 0);
    }

    private void answer(LoadReport report, Stage stage, long resident, long origin, long inFlight) {
        byte[] none = ResidencyReport.bitmapBytes(new RoaringBitmap());
        LoadShare.Status status = new LoadShare.Status(
                "w", 1, stage, Optional.empty(), 100, resident, 0, inFlight, origin, none, none, List.of());
        report.counts().change(share, () -> share.answered(status, 0));
    }

    private static LoadReport report(Map<String, Long> sources) {
        LoadStatus first = new LoadStatus(
                "n",
                "l",
                "d",
                LoadSpec.whole(),
                LoadPhase.PENDING,
                Optional.empty(),
                Optional.of("g"),
                0,
                new LoadStatus.Files(1, 0, 0, 0),
                new LoadStatus.Bytes(100, 0, 0, 0),
                sources,
                0,
                Optional.empty(),
                1,
                List.of(),
                List.of(),
                "2026-01-01T00:00:00Z",
                Optional.empty(),
                Optional.empty(),
                0);
        return new LoadReport(first, Clock.systemUTC());
    }

    /** Counted, not read. */
    private static final class OneSegment implements PinnedTree {
        @Override
        public String datasetUid() {
            return "uid";
        }

        @Override
        public Generation generation() {
            return new Generation(
                    Generation.FORMAT_VERSION,
                    "g",
                    List.of(),
                    List.of(new Generation.SegmentRef("s", 1)),
                    1,
                    100,
                    0,
                    0,
                    List.of());
        }

        @Override
        public Segment segment(int number) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
