package io.hearth.bench.cost;

import io.hearth.bench.Bench;
import io.hearth.bench.BenchRun;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.process.PageCache;
import io.hearth.bench.process.ProcessCost;
import io.hearth.bench.stage.HearthNode;
import io.hearth.bench.stage.OriginProcess;
import io.hearth.bench.stage.SequentialRead;
import io.hearth.bench.stage.SourceFile;
import io.hearth.testing.Content;
import io.hearth.testing.origin.OriginLimits;
import io.hearth.testing.origin.StubOrigin;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Memory and processor time of a worker and a mount while 16 readers read 16 files, first cold, then from the tiers; and of the
 * worker where the files come over many slow connections.
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
        return "16 readers of a cold, then resident set: peakRssAnonBytes, cpuSecondsPerGiB";
    }

    @Override
    public void measure(BenchRun run) throws Exception {
        long fileBytes = run.options().choose(192L << 20, 32L << 20);
        Path origin = run.newMemoryDirectory("origin", fileBytes * READERS);
        run.say("writing the source");
        List<SourceFile> files = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            files.add(SourceFile.write(origin, BUCKET, "shard-" + i + ".bin", i, fileBytes));
        }
        OriginProcess server = run.owned()
                .own(OriginProcess.start(origin, run.newDirectory("log").resolve("origin.log")));
        HearthNode node = HearthNode.start(run, List.of());
        node.create("model", server.endpoint(), BUCKET);
        for (String phase : List.of("cold", "warm")) {
            MountPoint mount = node.mount("model");
            PageCache.drop();
            try (ProcessCost worker = new ProcessCost(node.workerPid());
                    ProcessCost client = new ProcessCost(mount.server().pid())) {
                readAll(mount.directory(), files);
                report(run, "worker-" + phase, worker, fileBytes * READERS);
                report(run, "mount-" + phase, client, fileBytes * READERS);
            } finally {
                run.owned().end(mount);
            }
        }
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
            readAll(mount.directory(), files);
            report(run, "worker-capped", worker, fileBytes * READERS);
        } finally {
            run.owned().end(mount);
        }
    }

    private static void report(BenchRun run, String caseName, ProcessCost cost, long bytes) {
        run.figure(caseName, "hearth", "peakRssAnonBytes", cost.peakRssAnonBytes(), "B");
        run.figure(caseName, "hearth", "cpuSecondsPerGiB", cost.cpuSeconds() / (bytes / GIB), "s");
    }

    private static void readAll(Path directory, List<SourceFile> files) throws Exception {
        ExecutorService readers = Executors.newFixedThreadPool(READERS);
        try {
            List<Future<Double>> reads = new ArrayList<>();
            for (SourceFile file : files) {
                reads.add(readers.submit(() -> read(directory, file)));
            }
            for (Future<Double> read : reads) {
                read.get();
            }
        } finally {
            readers.shutdownNow();
        }
    }

    private static double read(Path directory, SourceFile file) throws IOException {
        return SequentialRead.timed(directory.resolve(file.key()), file);
    }
}
