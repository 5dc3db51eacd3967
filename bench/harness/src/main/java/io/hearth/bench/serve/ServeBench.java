package io.hearth.bench.serve;

import io.hearth.bench.Bench;
import io.hearth.bench.BenchRun;
import io.hearth.bench.Rounds;
import io.hearth.bench.Rounds.Contender;
import io.hearth.bench.peer.Packages;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.stage.HearthNode;
import io.hearth.bench.stage.OriginProcess;
import io.hearth.bench.stage.SequentialRead;
import io.hearth.bench.stage.ServedObject;
import io.hearth.bench.stage.SourceFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One connection that reads what a worker has in memory, beside one stream of iperf3. */
public final class ServeBench implements Bench {
    private static final String BUCKET = "model";
    private static final long SIZE_BYTES = 256L << 20;
    private static final long SEED = 20261122;

    @Override
    public String name() {
        return "serve";
    }

    @Override
    public String summary() {
        return "one connection to a worker whose memory has it all, beside iperf3: bytesPerSecond, fractionOfIperf";
    }

    @Override
    public void measure(BenchRun run) throws Exception {
        ServedObject object = resident(run);
        int seconds = run.options().choose(5, 2);
        Map<String, Contender> contenders = new LinkedHashMap<>();
        if (Packages.need(run, Iperf.PROGRAM, Iperf.PROGRAM)) {
            Iperf iperf = new Iperf(run.newDirectory("iperf"));
            contenders.put(Iperf.PROGRAM, round -> iperf.measure(seconds));
        }
        long milliseconds = 1000L * seconds;
        raw(run, contenders, "hot-chunk", object, Wanted.HOT_CHUNK, milliseconds);
        raw(run, contenders, "sequential", object, Wanted.sequential(SIZE_BYTES), milliseconds);
        ClientReader client = run.owned().own(new ClientReader(object, Wanted.sequential(SIZE_BYTES)));
        contenders.put("client", round -> client.read(milliseconds));
        // A round that does not count: the JITs of the worker and of the readers.
        new Rounds(1).medians(contenders);
        report(run, new Rounds(run.options().choose(7, 3)).mediansOfRates(run, contenders));
    }

    private static void raw(
            BenchRun run,
            Map<String, Contender> contenders,
            String caseName,
            ServedObject object,
            Wanted wanted,
            long milliseconds)
            throws IOException {
        RawReader reader = run.owned().own(RawReader.connect(object, wanted));
        contenders.put(caseName, round -> reader.read(milliseconds));
    }

    /** Brings an object into a memory tier by a mount, and compares its bytes. */
    private static ServedObject resident(BenchRun run) throws Exception {
        Path origin = run.newMemoryDirectory("origin", SIZE_BYTES);
        SourceFile source = SourceFile.write(origin, BUCKET, "weights.bin", SEED, SIZE_BYTES);
        OriginProcess server = run.owned()
                .own(OriginProcess.start(origin, run.newDirectory("log").resolve("origin.log")));
        Path tier = run.newMemoryDirectory("tier", 2 * SIZE_BYTES);
        HearthNode node = HearthNode.start(run, List.of("worker.tiers=MEM:" + tier + ":" + 2 * SIZE_BYTES));
        node.create("model", server.endpoint(), BUCKET);
        MountPoint mount = node.mount("model");
        try {
            SequentialRead.compare(mount.directory().resolve(source.key()), source);
        } finally {
            run.owned().end(mount);
        }
        return ServedObject.find(node.master(), "model");
    }

    private static void report(BenchRun run, Map<String, Double> medians) {
        Double iperf = medians.remove(Iperf.PROGRAM);
        if (iperf != null) {
            run.figure("stream", Iperf.PROGRAM, "bytesPerSecond", iperf, "B/s");
        }
        medians.forEach((caseName, value) -> {
            run.figure(caseName, "hearth", "bytesPerSecond", value, "B/s");
            if (iperf != null) {
                run.figure(caseName, "hearth", "fractionOfIperf", value / iperf, "1");
            }
        });
    }
}
