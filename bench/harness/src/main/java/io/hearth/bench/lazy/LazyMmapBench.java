package io.hearth.bench.lazy;

import io.hearth.bench.Bench;
import io.hearth.bench.BenchRun;
import io.hearth.bench.Rounds;
import io.hearth.bench.Rounds.Contender;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.process.PageCache;
import io.hearth.bench.stage.HearthNode;
import io.hearth.bench.stage.MappedRead;
import io.hearth.bench.stage.SequentialRead;
import io.hearth.bench.stage.SourceFile;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.testing.Content;
import io.hearth.testing.origin.OriginLimits;
import io.hearth.testing.origin.StubOrigin;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A cold file of weights whose header is read and whose tensors are copied through a mapping in shuffled order, beside
 * a sequential read of the same cold file; the same once more by a mount that knows the order from the one before; and
 * the longest of many reads at random places of it.
 */
public final class LazyMmapBench implements Bench {
    private static final String CASE = "shuffled";
    private static final String REPLAYED = "replayed";

    /** Neither records nor replays: every round is a first one. */
    private static final List<String> UNKNOWN = List.of("client.intent-order-runs=0");

    private static final String KEY = "weights.safetensors";
    private static final String DATASET = "lazy";
    private static final long SEED = 20261124;
    private static final int THREADS = 4;
    private static final int TENSORS = 300;
    private static final int PREAD_THREADS = 8;
    private static final OriginLimits LIMITS =
            OriginLimits.rates(32_000_000, 256_000_000).withFirstByte(Duration.ofMillis(30));

    @Override
    public String name() {
        return "lazy-mmap";
    }

    @Override
    public String summary() {
        return "a cold model mapped in shuffled order by 4 threads, beside a sequential read: timeOverSequential; longest pread";
    }

    @Override
    public void measure(BenchRun run) throws Exception {
        Content content = SafetensorsContent.of(SEED, run.options().choose(1L << 30, 256L << 20), TENSORS);
        StubOrigin origin = run.owned().own(new StubOrigin(LIMITS, SEED));
        origin.put(KEY, content);
        SourceFile source = SourceFile.of(StubOrigin.BUCKET, KEY, content);
        MappedRead mapped = MappedRead.compile(run)
                .orElseThrow(() -> new HearthException(FailureKind.INTERNAL, "a C compiler is needed (gcc)"));
        HearthNode.archive(run, "client", "worker");
        HearthNode node = HearthNode.start(run, List.of());
        node.create(DATASET, origin.endpoint(), StubOrigin.BUCKET);

        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put(
                "sequential",
                round -> cold(run, node, UNKNOWN, file -> source.sizeBytes() / SequentialRead.timed(file, source)));
        contenders.put(
                CASE,
                round -> cold(run, node, UNKNOWN, file -> {
                    MappedRead.Times times = mapped.measure(file, THREADS);
                    run.figure("round-" + (round + 1), "hearth", "openSeconds", times.openSeconds(), "s");
                    run.figure("round-" + (round + 1), "hearth", "firstTensorSeconds", times.firstSeconds(), "s");
                    SequentialRead.compare(file, source);
                    return times.seconds();
                }));
        contenders.put(
                REPLAYED,
                round -> cold(run, node, List.of(), file -> {
                    MappedRead.Times times = mapped.measure(file, THREADS);
                    run.figure(
                            "round-" + (round + 1), "hearth", "firstTensorReplayedSeconds", times.firstSeconds(), "s");
                    return times.seconds();
                }));
        RandomPreads preads =
                new RandomPreads(content, PREAD_THREADS, run.options().choose(32, 8));
        contenders.put("preads", round -> cold(run, node, UNKNOWN, preads::longestSeconds));
        // What the replayed rounds go by is recorded here.
        cold(run, node, List.of(), file -> mapped.measure(file, THREADS).seconds());
        run.figure(CASE, "bar", "firstTensorSeconds", firstTensorBarSeconds(source.sizeBytes()), "s");
        Map<String, Double> medians = new Rounds(3).medians(contenders);
        run.figure("preads", "hearth", "longestReadSeconds", medians.remove("preads"), "s");
        run.figure(
                REPLAYED, "hearth", "timeOverSequential", medians.get(REPLAYED) / medians.get("sequential"), "ratio");
        medians.forEach((name, seconds) -> run.figure(name, "hearth", "seconds", seconds, "s"));
        run.figure(CASE, "hearth", "timeOverSequential", medians.get(CASE) / medians.get("sequential"), "ratio");
    }

    /**
     * Three round trips of the origin, and the tensor's own bytes over one connection. A chunk of 1 MiB comes 63 ms after
     * it is asked for, and a tensor can be asked for when the header's has come: 0.126 s, were it not for the code in
     * between.
     */
    private static double firstTensorBarSeconds(long sizeBytes) {
        return 3 * LIMITS.firstByte().toMillis() / 1e3 + (double) (sizeBytes / TENSORS) / LIMITS.connectionBytesPerS();
    }

    private interface Reading {
        double seconds(Path file) throws IOException;
    }

    /** A new mount over an empty tier and an empty page cache. */
    private static double cold(BenchRun run, HearthNode node, List<String> settings, Reading reading)
            throws IOException {
        node.evict(DATASET);
        MountPoint mount = node.mount(DATASET, settings);
        try {
            PageCache.drop();
            double seconds = reading.seconds(mount.directory().resolve(KEY));
            run.say(String.format(Locale.ROOT, "%.2f s", seconds));
            return seconds;
        } finally {
            run.owned().end(mount);
        }
    }
}
