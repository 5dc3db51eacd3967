package io.hearth.bench.start;

import io.hearth.bench.Bench;
import io.hearth.bench.BenchRun;
import io.hearth.bench.Rounds;
import io.hearth.bench.Rounds.Contender;
import io.hearth.bench.peer.Packages;
import io.hearth.bench.peer.Peer;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.stage.HearthNode;
import io.hearth.bench.stage.OriginProcess;
import io.hearth.bench.stage.SourceFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From the launch of a mount's command to the first byte of a file; a worker has Hearth's whole. */
public final class StartBench implements Bench {
    private static final String CASE = "resident";
    private static final String BUCKET = "model";
    private static final String DATASET = "model";
    private static final long SIZE_BYTES = 16L << 20;
    private static final long SEED = 20261125;

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String summary() {
        return "from a mount's launch to the first byte of a resident file: mountToFirstByteSeconds";
    }

    @Override
    public void measure(BenchRun run) throws Exception {
        Path origin = run.newMemoryDirectory("origin", SIZE_BYTES);
        SourceFile source = SourceFile.write(origin, BUCKET, "weights.bin", SEED, SIZE_BYTES);
        OriginProcess server = run.owned()
                .own(OriginProcess.start(origin, run.newDirectory("log").resolve("origin.log")));
        HearthNode.archive(run, "client");
        HearthNode node = HearthNode.start(run, List.of());
        node.create(DATASET, server.endpoint(), BUCKET);
        node.loaded(DATASET);
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put("hearth", round -> firstByte(run, source, () -> node.launch(DATASET)));
        for (Peer peer : run.options().peers() ? Peer.defaults() : List.<Peer>of()) {
            if (Packages.need(run, peer.program(), peer.packageName())) {
                contenders.put(
                        peer.system(),
                        round -> firstByte(run, source, () -> peer.mount(run, server.endpoint(), BUCKET)));
            }
        }
        new Rounds(run.options().choose(7, 3))
                .medians(contenders)
                .forEach((system, value) -> run.figure(CASE, system, "mountToFirstByteSeconds", value, "s"));
    }

    private interface Launch {
        MountPoint mount() throws IOException;
    }

    private static double firstByte(BenchRun run, SourceFile source, Launch launch) throws IOException {
        long start = System.nanoTime();
        MountPoint mount = launch.mount();
        try (InputStream file = Files.newInputStream(mount.directory().resolve(source.key()))) {
            file.read();
            return (System.nanoTime() - start) / 1e9;
        } finally {
            run.owned().end(mount);
        }
    }
}
