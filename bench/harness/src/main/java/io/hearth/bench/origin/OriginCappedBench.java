package io.hearth.bench.origin;

import io.hearth.bench.Bench;
import io.hearth.bench.BenchRun;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.stage.HearthNode;
import io.hearth.bench.stage.SequentialRead;
import io.hearth.bench.stage.SourceFile;
import io.hearth.testing.Content;
import io.hearth.testing.origin.OriginCounts;
import io.hearth.testing.origin.StubOrigin;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Cold files of origins with limits of their own: what share of what the origin gives arrives through a mount, through
 * a load, through a mount that has no worker, and by the engine alone, with nothing set by hand.
 */
public final class OriginCappedBench implements Bench {
    private static final String KEY = "weights.bin";
    private static final long SEED = 20261121;
    /** Cases that a mount without any worker reads too. */
    private static final Set<String> ALONE = Set.of("a", "b");

    private static final long LOAD_POLL_MS = 5;
    private static final long LOAD_BOUND_NS = 300_000_000_000L;

    @Override
    public String name() {
        return "origin-capped";
    }

    @Override
    public String summary() {
        return "cold read and load over origins with limits of rate, latency and patience: fractionOfCap";
    }

    @Override
    public void measure(BenchRun run) throws Exception {
        HearthNode node = HearthNode.start(run, List.of());
        HearthNode alone = HearthNode.startWithoutWorker(run);
        EngineRead.rehearse();
        for (CappedCase one : CappedCase.all()) {
            long sizeBytes = run.options().choose(one.fullBytes(), one.quickBytes());
            Content content = Content.noise(SEED, sizeBytes);
            StubOrigin origin = run.owned().own(new StubOrigin(one.limits(), SEED));
            origin.put(KEY, content);
            if (!run.options().quick() || one.limits().slowFraction() > 0) {
                engine(run, one, origin, sizeBytes);
            }
            String dataset = "capped-" + one.name();
            node.create(dataset, origin.endpoint(), StubOrigin.BUCKET);
            SourceFile source = SourceFile.of(StubOrigin.BUCKET, KEY, content);
            mount(run, one, "hearth", node, dataset, source, origin);
            node.evict(dataset);
            load(run, one, node, dataset, origin, sizeBytes);
            node.evict(dataset);
            if (ALONE.contains(one.name())) {
                alone.create(dataset, origin.endpoint(), StubOrigin.BUCKET);
                mount(run, one, "hearth-alone", alone, dataset, source, origin);
            }
            run.owned().end(origin);
        }
    }

    private static void engine(BenchRun run, CappedCase one, StubOrigin origin, long sizeBytes) throws Exception {
        EngineRead read = EngineRead.read(origin, KEY);
        OriginCounts counts = origin.counts();
        fraction(run, one, "engine", sizeBytes / read.seconds());
        run.figure(one.name(), "engine", "p99OverP50", read.rangeSeconds(0.99) / read.rangeSeconds(0.5), "ratio");
        extra(run, one, "engine", counts.bytes(), sizeBytes);
        run.figure(one.name(), "engine", "refusals", counts.refusals(), "1");
    }

    private static void mount(
            BenchRun run,
            CappedCase one,
            String system,
            HearthNode node,
            String dataset,
            SourceFile source,
            StubOrigin origin)
            throws IOException {
        OriginCounts before = origin.counts();
        MountPoint mount = node.mount(dataset);
        try {
            fraction(run, one, system, SequentialRead.timed(mount.directory().resolve(KEY), source));
            OriginCounts after = origin.counts();
            extra(run, one, system, after.bytes() - before.bytes(), source.sizeBytes());
            run.figure(one.name(), system, "connectionsOpened", after.connections() - before.connections(), "1");
            run.figure(one.name(), system, "requests", after.gets() - before.gets(), "1");
            run.figure(one.name(), system, "refusals", after.refusals() - before.refusals(), "1");
        } finally {
            run.owned().end(mount);
        }
    }

    /** From the first request to the last byte: the command's own start and the reading back are not the origin's. */
    private static void load(
            BenchRun run, CappedCase one, HearthNode node, String dataset, StubOrigin origin, long sizeBytes)
            throws InterruptedException {
        OriginCounts before = origin.counts();
        CompletableFuture<Void> command = CompletableFuture.runAsync(() -> node.load(dataset));
        await(() -> origin.counts().gets() > before.gets());
        long startNs = System.nanoTime();
        await(() -> origin.counts().bytes() - before.bytes() >= sizeBytes);
        double seconds = (System.nanoTime() - startNs) / 1e9;
        command.join();
        fraction(run, one, "hearth-load", sizeBytes / seconds);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long endNs = System.nanoTime() + LOAD_BOUND_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > endNs) {
                throw new IllegalStateException("the load did not come to its end");
            }
            Thread.sleep(LOAD_POLL_MS);
        }
    }

    private static void fraction(BenchRun run, CappedCase one, String system, double bytesPerSecond) {
        double fraction = bytesPerSecond / one.capBytesPerS();
        run.say(String.format(
                Locale.ROOT, "%s %s: %.1f MB/s, %.2f", one.name(), system, bytesPerSecond / 1e6, fraction));
        run.figure(one.name(), system, "fractionOfCap", fraction, "ratio");
    }

    private static void extra(BenchRun run, CappedCase one, String system, long sentBytes, long sizeBytes) {
        run.figure(one.name(), system, "extraBytesFraction", (double) (sentBytes - sizeBytes) / sizeBytes, "ratio");
    }
}
