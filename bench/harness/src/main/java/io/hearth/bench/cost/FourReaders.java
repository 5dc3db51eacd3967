package io.hearth.bench.cost;

import io.hearth.bench.BenchRun;
import io.hearth.bench.Rounds;
import io.hearth.bench.Rounds.Contender;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.process.PageCache;
import io.hearth.bench.process.ProcessCost;
import io.hearth.bench.stage.HearthNode;
import io.hearth.bench.stage.SourceFile;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Memory and speed of a mount while 4 readers read 4 files, first cold, then from the tier: as it is by default, and
 * with the bounds of its memory raised so far that none is felt.
 */
final class FourReaders {
    private static final int READERS = 4;
    private static final int ROUNDS = 3;
    private static final String DEFAULT = "default";
    private static final String UNBOUNDED = "unbounded";
    private static final List<String> RAISED =
            List.of("client.read-memory=2GiB", "mount.reply-memory=1GiB", "client.receive-buffer=64MiB");
    private static final Map<String, String> HEAP = Map.of("HEARTH_HEAP", "4g", "HEARTH_JAVA_OPTS", "-Xmn1g");

    private final BenchRun run;
    private final HearthNode node;
    private final String dataset;
    private final List<SourceFile> files;
    private final Map<String, Long> peakBytes = new HashMap<>();

    FourReaders(BenchRun run, HearthNode node, String dataset, List<SourceFile> files) {
        this.run = run;
        this.node = node;
        this.dataset = dataset;
        this.files = files.subList(0, READERS);
    }

    void measure() throws Exception {
        for (String phase : List.of("cold", "warm")) {
            Map<String, Contender> contenders = new LinkedHashMap<>();
            contenders.put(DEFAULT, round -> read(phase, DEFAULT, List.of(), Map.of()));
            contenders.put(UNBOUNDED, round -> read(phase, UNBOUNDED, RAISED, HEAP));
            Map<String, Double> speeds = new Rounds(ROUNDS).medians(contenders);
            speeds.forEach((bounds, speed) -> {
                String caseName = "mount-4-" + phase + "-" + bounds;
                run.figure(caseName, "hearth", "bytesPerSecond", speed, "B/s");
                run.figure(caseName, "hearth", "peakRssAnonBytes", peakBytes.get(phase + bounds), "B");
            });
            run.figure(
                    "mount-4-" + phase,
                    "hearth",
                    "speedOverUnbounded",
                    speeds.get(DEFAULT) / speeds.get(UNBOUNDED),
                    "ratio");
        }
    }

    private double read(String phase, String bounds, List<String> settings, Map<String, String> environment)
            throws Exception {
        if (phase.equals("cold")) {
            node.evict(dataset);
        }
        MountPoint mount = node.mount(dataset, settings, environment);
        try (ProcessCost cost = new ProcessCost(mount.server().pid())) {
            PageCache.drop();
            double speed = Readers.readAll(mount.directory(), files);
            peakBytes.merge(phase + bounds, cost.peakRssAnonBytes(), Math::max);
            run.say(String.format(
                    Locale.ROOT,
                    "4 readers %s, %s: %.0f MB/s, %d MiB",
                    phase,
                    bounds,
                    speed / 1e6,
                    cost.peakRssAnonBytes() >> 20));
            return speed;
        } finally {
            run.owned().end(mount);
        }
    }
}
