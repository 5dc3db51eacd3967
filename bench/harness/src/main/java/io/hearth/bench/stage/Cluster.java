package io.hearth.bench.stage;

import io.hearth.bench.BenchRun;
import io.hearth.bench.process.OwnProcess;
import io.hearth.testing.hosts.Host;
import io.hearth.testing.hosts.Hosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Hosts of their own with links of one rate: an origin, a master, and nodes with a worker and a mount each, all with one
 * token. Ended with the run. Used by one thread.
 */
public final class Cluster {
    static final Duration START_BOUND = Duration.ofSeconds(120);
    private static final String DATASET = "model";

    private final BenchRun run;
    private final Hosts hosts;
    private final long bitsPerSecond;
    private final Path home;
    private final String token;
    private final OriginProcess origin;
    private final Host masterHost;
    private final String master;
    private final List<ClusterNode> nodes = new ArrayList<>();

    private Cluster(BenchRun run, Hosts hosts, long bitsPerSecond, Path originDirectory) throws IOException {
        this.run = run;
        this.hosts = hosts;
        this.bitsPerSecond = bitsPerSecond;
        this.home = run.newDirectory("cluster");
        byte[] secret = new byte[16];
        new SplittableRandom().nextBytes(secret);
        this.token = HexFormat.of().formatHex(secret);
        Host originHost = hosts.add();
        originHost.rate(bitsPerSecond, bitsPerSecond);
        this.origin = run.owned().own(OriginProcess.start(originDirectory, home.resolve("origin.log"), originHost));
        this.masterHost = hosts.add();
        this.master = startMaster();
    }

    /**
     * Starts the origin and the master.
     *
     * @param bitsPerSecond of every link each way, the origin's and each node's
     * @param originDirectory a directory per bucket
     */
    public static Cluster start(BenchRun run, long bitsPerSecond, Path originDirectory) throws IOException {
        Optional<String> missing = Hosts.missing();
        if (missing.isPresent()) {
            throw new IOException("there can be no hosts here: " + missing.get());
        }
        return new Cluster(run, run.owned().own(Hosts.open()), bitsPerSecond, originDirectory);
    }

    private String startMaster() throws IOException {
        Path masterHome = newHome("master");
        OwnProcess process = run.owned()
                .own(OwnProcess.start(
                        "hearth master",
                        masterHome.resolve("log"),
                        masterHost.command(
                                hearth(masterHome, "master", "--set", "master.bind=" + masterHost.address())),
                        Map.of()));
        return process.awaitLine("master ready at ", START_BOUND).split(",")[0];
    }

    /** A home with the cluster's token. */
    Path newHome(String name) throws IOException {
        Path made = Files.createDirectories(home.resolve(name));
        Files.writeString(made.resolve("token"), token + "\n");
        return made;
    }

    List<String> hearth(Path itsHome, String... words) {
        List<String> command = new ArrayList<>(
                List.of(run.root().resolve("bin").resolve("hearth").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("--home", itsHome.toString()));
        return command;
    }

    /** Declares the dataset over a bucket and waits for its listing. */
    public void create(String bucket) throws IOException {
        Path itsHome = newHome("user");
        List<String> command = hearth(
                itsHome,
                "dataset",
                "create",
                DATASET,
                "--origin",
                "s3://" + bucket,
                "--endpoint",
                origin.endpoint().toString(),
                "--path-style",
                "--credentials",
                "anonymous",
                "--master",
                master);
        OwnProcess.complete(
                "hearth dataset", itsHome.resolve("log"), masterHost.command(command), Map.of(), START_BOUND);
    }

    /** One more node with a worker and a mount; returns when both serve. */
    public ClusterNode addNode() throws IOException {
        return add(true);
    }

    /** One more host with a mount alone, which reads all from the origin. */
    public ClusterNode addMount() throws IOException {
        return add(false);
    }

    private ClusterNode add(boolean withWorker) throws IOException {
        Host host = hosts.add();
        host.rate(bitsPerSecond, bitsPerSecond);
        ClusterNode node = ClusterNode.start(run, this, host, DATASET, withWorker);
        nodes.add(node);
        return node;
    }

    String master() {
        return master;
    }

    String token() {
        return token;
    }

    /** Bytes that all nodes have had from the origin. */
    public long originBytes() throws IOException {
        long bytes = 0;
        for (ClusterNode node : nodes) {
            bytes += node.originBytes();
        }
        return bytes;
    }
}
