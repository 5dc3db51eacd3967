package io.hearth.bench.fanout;

import io.hearth.bench.Bench;
import io.hearth.bench.BenchRun;
import io.hearth.bench.stage.Cluster;
import io.hearth.bench.stage.ClusterNode;
import io.hearth.bench.stage.SourceFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Nodes that all want one file from the same signal on, each on a host of its own; links of 100 Mbit/s each way, and an
 * origin with one such link for all. Then one more node that wants it too, when the others have it.
 */
public final class FanOutBench implements Bench {
    private static final String BUCKET = "model";
    private static final long SEED = 20261122;
    private static final long BITS_PER_SECOND = 100_000_000;

    /** Read before the signal through every mount, so that no node compiles its code while it is timed. */
    private static final long WARM_BYTES = 16L << 20;

    private static final int NODES = 8;

    @Override
    public String name() {
        return "fan-out";
    }

    @Override
    public String summary() {
        return "1 and 8 hosts that want one file at once over links of 100 Mbit/s: timeOverSingle, originBytesOverFile";
    }

    @Override
    public void measure(BenchRun run) throws Exception {
        long sizeBytes = run.options().choose(256L << 20, 192L << 20);
        Path origin = run.newMemoryDirectory("origin", 4 * sizeBytes);
        run.say("writing the sources");
        SourceFile warm = SourceFile.write(origin, BUCKET, "warm.bin", SEED, WARM_BYTES);
        SourceFile single = SourceFile.write(origin, BUCKET, "single.bin", SEED + 1, sizeBytes);
        SourceFile many = SourceFile.write(origin, BUCKET, "many.bin", SEED + 2, sizeBytes);
        Cluster cluster = Cluster.start(run, BITS_PER_SECOND, origin);
        cluster.create(BUCKET);
        List<ClusterNode> nodes = new ArrayList<>();
        nodes.add(cluster.addNode());
        AllAtOnce.read(nodes, warm);
        double one = timed(run, cluster, nodes, single, "1");
        while (nodes.size() < NODES) {
            nodes.add(cluster.addNode());
            run.say("node " + nodes.size() + " of " + NODES);
        }
        AllAtOnce.read(nodes, warm);
        double eight = timed(run, cluster, nodes, many, String.valueOf(NODES));
        run.figure(String.valueOf(NODES), "hearth", "timeOverSingle", eight / one, "ratio");
        late(run, cluster, warm, many, sizeBytes);
    }

    /** @return seconds until the last node had it */
    private static double timed(BenchRun run, Cluster cluster, List<ClusterNode> nodes, SourceFile file, String hosts)
            throws Exception {
        long before = cluster.originBytes();
        List<Double> seconds = AllAtOnce.read(nodes, file);
        double fetched = cluster.originBytes() - before;
        double last = Collections.max(seconds);
        run.say(String.format(
                Locale.ROOT,
                "%s hosts: %.1f to %.1f s, %.2f of the file from the origin",
                hosts,
                Collections.min(seconds),
                last,
                fetched / file.sizeBytes()));
        run.figure(hosts, "hearth", "seconds", last, "s");
        run.figure(hosts, "hearth", "originBytesOverFile", fetched / file.sizeBytes(), "ratio");
        run.figure(hosts, "bound", "seconds", file.sizeBytes() * 8.0 / BITS_PER_SECOND, "s");
        return last;
    }

    private static void late(BenchRun run, Cluster cluster, SourceFile warm, SourceFile many, long sizeBytes)
            throws Exception {
        ClusterNode ninth = cluster.addNode();
        AllAtOnce.read(List.of(ninth), warm);
        long before = cluster.originBytes();
        double seconds = AllAtOnce.read(List.of(ninth), many).get(0);
        run.figure("late", "hearth", "originBytes", cluster.originBytes() - before, "B");
        run.figure("late", "hearth", "fractionOfLink", sizeBytes * 8.0 / BITS_PER_SECOND / seconds, "ratio");
    }
}
