package io.hearth.bench.cost;

import io.hearth.bench.Bench;
import io.hearth.bench.BenchRun;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.process.PageCache;
import io.hearth.bench.process.ProcessCost;
import io.hearth.bench.stage.HearthNode;
import io.hearth.bench.stage.ServedSource;
import io.hearth.bench.stage.SourceFile;
import io.hearth.testing.Content;
import io.hearth.testing.origin.OriginLimits;
import io.hearth.testing.origin.StubOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Memory and processor time of a worker and a mount while 16 readers read 16 files, first cold, then from the tiers;
 * and of the worker where the files come over many slow connections. Then of a mount with 4 readers, beside one whose
 * memory has no bound that is felt.
 */
public final class CostBench implements Bench {
    private static final int READERS = 16;
    private static final String BUCKET = "model";
    private static final long SEED = 20261121;
    private static final OriginLimits SLOW =
            OriginLimits.rates(2_000_000, 64_000_000).withFirstByte(Duration.ofMillis(90));
    private static final double GIB = 1L << 30;

    @Override
    public String name() {
        return "cost";
    }

    @Override
    public String summary() {
        return "16 readers of a cold, then resident set; a mount with 4: peakRssAnonBytes, cpuSecondsPerGiB";
    }

    @Override
    public void measure(BenchRun run) throws Exception {
        long fileBytes = run.options().choose(192L << 20, 32L << 20);
        List<String> keys = IntStream.range(0, READERS)
                .mapToObj(number -> "shard-" + number + ".bin")
                .toList();
        ServedSource source = ServedSource.start(run, BUCKET, keys, 0, fileBytes);
        HearthNode node = HearthNode.start(run, List.of());
        node.create("model", source.endpoint(), BUCKET);
        for (String phase : List.of("cold", "warm")) {
            MountPoint mount = node.mount("model");
            PageCache.drop();
            try (ProcessCost worker = new ProcessCost(node.workerPid());
                    ProcessCost client = new ProcessCost(mount.server().pid())) {
                Readers.readAll(mount.directory(), source.files());
                report(run, "worker-" + phase, worker, fileBytes * READERS);
                report(run, "mount-" + phase, client, fileBytes * READERS);
            } finally {
                run.owned().end(mount);
            }
        }
        new FourReaders(run, node, "model", source.files()).measure();
        node.evict("model");
        capped(run, node);
    }

    /** Many ranges at once over slow connections: each has buffers of its own. */
    private static void capped(BenchRun run, HearthNode node) throws Exception {
        long fileBytes = run.options().choose(96L << 20, 32L << 20);
        StubOrigin origin = run.owned().own(new StubOrigin(SLOW, SEED));
        List<SourceFile> files = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            Content content = Content.noise(SEED + i, fileBytes);
            origin.put("slow-" + i + ".bin", content);
            files.add(SourceFile.of(StubOrigin.BUCKET, "slow-" + i + ".bin", content));
        }
        node.create("slow", origin.endpoint(), StubOrigin.BUCKET);
        MountPoint mount = node.mount("slow");
        try (ProcessCost worker = new ProcessCost(node.workerPid())) {
            Readers.readAll(mount.directory(), files);
            report(run, "worker-capped", worker, fileBytes * READERS);
        } finally {
            run.owned().end(mount);
        }
    }

    private static void report(BenchRun run, String caseName, ProcessCost cost, long bytes) {
        run.figure(caseName, "hearth", "peakRssAnonBytes", cost.peakRssAnonBytes(), "B");
        run.figure(caseName, "hearth", "cpuSecondsPerGiB", cost.cpuSeconds() / (bytes / GIB), "s");
    }
}
