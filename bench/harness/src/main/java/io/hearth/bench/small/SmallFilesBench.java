package io.hearth.bench.small;

import io.hearth.bench.Bench;
import io.hearth.bench.BenchRun;
import io.hearth.bench.Rounds;
import io.hearth.bench.Rounds.Contender;
import io.hearth.bench.peer.Packages;
import io.hearth.bench.peer.Peer;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.process.PageCache;
import io.hearth.bench.stage.HearthNode;
import io.hearth.testing.origin.StubOrigin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code find} over 100,000 files through a new mount, and reads of small files, cold and warm. */
public final class SmallFilesBench implements Bench {
    private static final String NAMES = "names";
    private static final String PICTURES = "pictures";
    private static final int FOUND = 100_000;
    private static final int FOUND_BYTES = 16;
    private static final int PICTURE_BYTES_MIN = 16 << 10;
    private static final int PICTURE_BYTES_MAX = 100 << 10;
    private static final long SEED = 20261126;
    private static final int ROUNDS = 3;

    @Override
    public String name() {
        return "small-files";
    }

    @Override
    public String summary() {
        return "find over 100,000 files; reads of small files, cold and warm: filesPerSecond";
    }

    @Override
    public void measure(BenchRun run) throws Exception {
        run.say("writing the sources");
        SmallFiles names = SmallFiles.make(run, FOUND, FOUND_BYTES, FOUND_BYTES, SEED);
        int pictureCount = run.options().choose(4000, 1000);
        SmallFiles pictures = SmallFiles.make(run, pictureCount, PICTURE_BYTES_MIN, PICTURE_BYTES_MAX, SEED);
        HearthNode node = HearthNode.start(run, List.of());
        node.create(NAMES, names.endpoint(), StubOrigin.BUCKET);
        node.create(PICTURES, pictures.endpoint(), StubOrigin.BUCKET);
        if (!PageCache.drop()) {
            run.say("the page cache is not dropped: that needs root");
        }
        find(run, node, names);
        read(run, node, pictures);
    }

    private interface Mounting {
        MountPoint mount() throws IOException;
    }

    private interface Work {
        double filesPerSecond(Path directory) throws Exception;
    }

    private static void find(BenchRun run, HearthNode node, SmallFiles names) throws Exception {
        NameWalk walk = new NameWalk(run.newDirectory("find"), FOUND);
        Map<String, Mounting> mountings = mountings(run, names, Peer.defaults());
        mountings.put("hearth", () -> node.mount(NAMES));
        everywhere(run, ROUNDS, "find", names.local(), mountings, walk::names);
        everywhere(run, slowRounds(run), "find-stat", names.local(), mountings, walk::attributes);
    }

    private static void read(BenchRun run, HearthNode node, SmallFiles pictures) throws Exception {
        WholeReads reads = new WholeReads(pictures.files());
        Map<String, Mounting> mountings = mountings(run, pictures, Peer.caching());
        mountings.put("hearth", () -> {
            node.evict(PICTURES);
            return node.mount(PICTURES);
        });
        everywhere(run, slowRounds(run), "read-cold", pictures.local(), mountings, reads::timed);
        Map<String, Path> warm = new LinkedHashMap<>();
        for (Map.Entry<String, Mounting> system : mountings.entrySet()) {
            Path directory = system.getValue().mount().directory();
            reads.compare(directory);
            warm.put(system.getKey(), directory);
        }
        warm.put("local", pictures.local());
        Map<String, Contender> contenders = new LinkedHashMap<>();
        warm.forEach((system, directory) -> contenders.put(system, round -> {
            PageCache.drop();
            return said(run, system, reads.timed(directory));
        }));
        report(run, ROUNDS, "read-warm", contenders);
    }

    private static Map<String, Mounting> mountings(BenchRun run, SmallFiles files, List<Peer> peers)
            throws IOException {
        Map<String, Mounting> mountings = new LinkedHashMap<>();
        for (Peer peer : run.options().peers() ? peers : List.<Peer>of()) {
            if (Packages.need(run, peer.program(), peer.packageName())) {
                mountings.put(peer.system(), () -> peer.mount(run, files.endpoint(), StubOrigin.BUCKET));
            }
        }
        return mountings;
    }

    /** Does the work in a new mount each time, and in the local directory. */
    private static void everywhere(
            BenchRun run, int rounds, String caseName, Path local, Map<String, Mounting> mountings, Work work)
            throws Exception {
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put("local", round -> said(run, "local", work.filesPerSecond(local)));
        mountings.forEach((system, mounting) -> contenders.put(system, round -> {
            MountPoint mount = mounting.mount();
            try {
                PageCache.drop();
                return said(run, system, work.filesPerSecond(mount.directory()));
            } finally {
                run.owned().end(mount);
            }
        }));
        report(run, rounds, caseName, contenders);
    }

    /** Of what takes seconds. */
    private static int slowRounds(BenchRun run) {
        return run.options().choose(ROUNDS, 1);
    }

    private static void report(BenchRun run, int rounds, String caseName, Map<String, Contender> contenders)
            throws Exception {
        run.say(caseName);
        new Rounds(rounds)
                .medians(contenders)
                .forEach((system, value) -> run.figure(caseName, system, "filesPerSecond", value, "1/s"));
    }

    private static double said(BenchRun run, String system, double filesPerSecond) {
        run.say(String.format(Locale.ROOT, "%s %.0f files/s", system, filesPerSecond));
        return filesPerSecond;
    }
}
