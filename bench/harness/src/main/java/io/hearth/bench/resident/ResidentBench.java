package io.hearth.bench.resident;

import io.hearth.bench.Bench;
import io.hearth.bench.BenchRun;
import io.hearth.bench.Rounds;
import io.hearth.bench.Rounds.Contender;
import io.hearth.bench.peer.Packages;
import io.hearth.bench.peer.Peer;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.process.PageCache;
import io.hearth.bench.stage.HearthNode;
import io.hearth.bench.stage.MappedRead;
import io.hearth.bench.stage.OriginProcess;
import io.hearth.bench.stage.SequentialRead;
import io.hearth.bench.stage.SourceFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A file that is wholly in the worker's memory tier, read through mounts and as a local file. */
public final class ResidentBench implements Bench {
    private static final String BUCKET = "model";
    private static final String DATASET = "model";
    private static final long SEED = 20261123;
    private static final int THREADS = 4;
    private static final Map<String, List<String>> SYSTEMS = new TreeMap<>(Map.of(
            "hearth", List.of("mount.transport=auto"),
            "hearth-jnr", List.of("mount.transport=jnr-fuse"),
            "hearth-kernel", List.of("mount.transport=kernel", "mount.passthrough=off"),
            "hearth-passthrough", List.of("mount.transport=kernel", "mount.passthrough=auto")));

    @Override
    public String name() {
        return "resident";
    }

    @Override
    public String summary() {
        return "a resident file read in order, mapped in shuffled order, at random 4 KiB: bytesPerSecond";
    }

    @Override
    public void measure(BenchRun run) throws Exception {
        long sizeBytes = run.options().choose(1L << 30, 256L << 20);
        Path origin = run.newMemoryDirectory("origin", sizeBytes);
        run.say("writing the source");
        SourceFile source = SourceFile.write(origin, BUCKET, "weights.bin", SEED, sizeBytes);
        OriginProcess server = run.owned()
                .own(OriginProcess.start(origin, run.newDirectory("log").resolve("origin.log")));
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("local", origin.resolve(BUCKET).resolve(source.key()));
        files.putAll(hearth(run, server, source));
        files.putAll(peers(run, server, source));
        if (!PageCache.drop()) {
            run.say("the page cache is not dropped: that needs root");
        }
        measure(run, "sequential", files, file -> SequentialRead.timed(file, source));
        Optional<MappedRead> mapped = MappedRead.compile(run);
        if (mapped.isPresent()) {
            measure(
                    run,
                    "mmap-shuffled",
                    files,
                    file -> mapped.get().measure(file, THREADS).bytesPerSecond());
            measure(
                    run,
                    "mmap-shuffled-one-thread",
                    files,
                    file -> mapped.get().measure(file, 1).bytesPerSecond());
        }
        if (Packages.need(run, RandomRead.PROGRAM, RandomRead.PROGRAM)) {
            RandomRead random = new RandomRead(run.newDirectory("fio"));
            int seconds = run.options().choose(5, 2);
            measure(run, "random-4k", files, file -> random.measure(file, seconds));
        }
    }

    private interface Reading {
        double bytesPerSecond(Path file) throws IOException;
    }

    private static void measure(BenchRun run, String caseName, Map<String, Path> files, Reading reading)
            throws Exception {
        run.say(caseName);
        Map<String, Contender> contenders = new LinkedHashMap<>();
        files.forEach((system, file) -> contenders.put(system, round -> {
            PageCache.drop();
            return reading.bytesPerSecond(file);
        }));
        int rounds = run.options().choose(5, 3);
        new Rounds(rounds)
                .mediansOfRates(run, contenders)
                .forEach((system, value) -> run.figure(caseName, system, "bytesPerSecond", value, "B/s"));
    }

    /** One worker that has it all, and a mount for each way of reading it. */
    private static Map<String, Path> hearth(BenchRun run, OriginProcess server, SourceFile source) throws IOException {
        long tierBytes = 2 * source.sizeBytes();
        Path tier = run.newMemoryDirectory("tier", tierBytes);
        HearthNode node = HearthNode.start(run, List.of("worker.tiers=MEM:" + tier + ":" + tierBytes));
        node.create(DATASET, server.endpoint(), BUCKET);
        node.loaded(DATASET);
        Map<String, Path> files = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> system : SYSTEMS.entrySet()) {
            MountPoint mount = node.mount(DATASET, system.getValue());
            files.put(system.getKey(), warmed(mount, source));
        }
        return files;
    }

    /** Other systems, each with its own cache warmed by a first read. */
    private static Map<String, Path> peers(BenchRun run, OriginProcess server, SourceFile source) throws IOException {
        Map<String, Path> files = new LinkedHashMap<>();
        for (Peer peer : run.options().peers() ? Peer.caching() : List.<Peer>of()) {
            if (Packages.need(run, peer.program(), peer.packageName())) {
                files.put(peer.system(), warmed(peer.mount(run, server.endpoint(), BUCKET), source));
            }
        }
        return files;
    }

    private static Path warmed(MountPoint mount, SourceFile source) throws IOException {
        Path file = mount.directory().resolve(source.key());
        SequentialRead.compare(file, source);
        return file;
    }
}
