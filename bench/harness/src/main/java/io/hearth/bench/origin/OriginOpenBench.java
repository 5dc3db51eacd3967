package io.hearth.bench.origin;

import io.hearth.bench.Bench;
import io.hearth.bench.BenchRun;
import io.hearth.bench.Rounds;
import io.hearth.bench.Rounds.Contender;
import io.hearth.bench.peer.Packages;
import io.hearth.bench.peer.Peer;
import io.hearth.bench.process.FreeMemory;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.process.PageCache;
import io.hearth.bench.stage.HearthNode;
import io.hearth.bench.stage.OriginProcess;
import io.hearth.bench.stage.SequentialRead;
import io.hearth.bench.stage.SourceFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A cold sequential read of one file through a mount, over an unthrottled object store on loopback. */
public final class OriginOpenBench implements Bench {
    private static final String CASE = "sequential";
    private static final String BUCKET = "model";
    private static final long SEED = 20261121;
    /** Every system keeps the bytes once itself, and the kernel once more for its readers. */
    private static final int TOUCHED = 3;

    @Override
    public String name() {
        return "origin-open";
    }

    @Override
    public String summary() {
        return "cold sequential read through a mount over an unthrottled S3Proxy: bytesPerSecond";
    }

    @Override
    public void measure(BenchRun run) throws Exception {
        long sizeBytes = run.options().choose(1L << 30, 256L << 20);
        Path origin = run.newMemoryDirectory("origin", sizeBytes);
        run.say("writing the source");
        SourceFile source = SourceFile.write(origin, BUCKET, "weights.bin", SEED, sizeBytes);
        OriginProcess server = run.owned()
                .own(OriginProcess.start(origin, run.newDirectory("log").resolve("origin.log")));
        if (!PageCache.drop()) {
            run.say("the page cache is not dropped: that needs root");
        }
        Path free = run.newMemoryDirectory("free", TOUCHED * sizeBytes);
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put("origin-only", round -> OriginOnly.read(server.endpoint(), source));
        contenders.put("hearth", hearth(run, server, source, free));
        if (run.options().peers()) {
            for (Peer peer : Peer.all()) {
                if (Packages.need(run, peer.program(), peer.packageName())) {
                    contenders.put(
                            peer.system() + " (" + peer.options() + ")",
                            round -> mounted(run, peer.mount(run, server.endpoint(), BUCKET), source, free));
                }
            }
        }
        best(new Rounds(3).mediansOfRates(run, contenders))
                .forEach((system, value) -> run.figure(CASE, system, "bytesPerSecond", value, "B/s"));
    }

    /** A system's figure is that of its best options. */
    private static Map<String, Double> best(Map<String, Double> medians) {
        Map<String, Double> best = new LinkedHashMap<>();
        medians.forEach((name, value) -> best.merge(name.split(" ")[0], value, Math::max));
        return best;
    }

    private static Contender hearth(BenchRun run, OriginProcess server, SourceFile source, Path free)
            throws IOException {
        HearthNode node = HearthNode.start(run, List.of());
        node.create("model", server.endpoint(), BUCKET);
        return round -> {
            node.evict("model");
            return mounted(run, node.mount("model"), source, free);
        };
    }

    /** Times one read through a new mount, compares the bytes once more by SHA-256, and ends the mount. */
    private static double mounted(BenchRun run, MountPoint mount, SourceFile source, Path free) throws IOException {
        try {
            PageCache.drop();
            FreeMemory.touch(free, TOUCHED * source.sizeBytes());
            Path file = mount.directory().resolve(source.key());
            double bytesPerSecond = SequentialRead.timed(file, source);
            SequentialRead.compare(file, source);
            return bytesPerSecond;
        } finally {
            run.owned().end(mount);
        }
    }
}
