package io.hearth.bench.stage;

import io.hearth.bench.BenchRun;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.process.OwnProcess;
import io.hearth.testing.hosts.Host;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One host of a {@link Cluster} and what runs there. Used by one thread. */
public final class ClusterNode {
    private static final Duration SCRAPE_BOUND = Duration.ofSeconds(20);
    private static final String ORIGIN_BYTES = "hearth_origin_read_bytes_total";

    private final BenchRun run;
    private final Cluster cluster;
    private final Host host;
    private final Path home;
    private final Optional<OwnProcess> worker;
    private final Optional<String> workerAdmin;
    private final MountPoint mount;

    private ClusterNode(
            BenchRun run,
            Cluster cluster,
            Host host,
            Path home,
            Optional<OwnProcess> worker,
            Optional<String> workerAdmin,
            MountPoint mount) {
        this.run = run;
        this.cluster = cluster;
        this.host = host;
        this.home = home;
        this.worker = worker;
        this.workerAdmin = workerAdmin;
        this.mount = mount;
    }

    static ClusterNode start(BenchRun run, Cluster cluster, Host host, String dataset, boolean withWorker)
            throws IOException {
        Path home = cluster.newHome("node-" + host.address());
        Optional<OwnProcess> worker = Optional.empty();
        Optional<String> admin = Optional.empty();
        if (withWorker) {
            List<String> command = cluster.hearth(
                    home, "worker", "--master", cluster.master(), "--set", "worker.host=" + host.address());
            OwnProcess process = run.owned()
                    .own(OwnProcess.start(
                            "hearth worker", home.resolve("worker.log"), host.command(command), Map.of()));
            String ready = process.awaitLine("worker ready: data on ", Cluster.START_BOUND);
            worker = Optional.of(process);
            admin = Optional.of(ready.substring(ready.indexOf("http://") + "http://".length()));
        }
        Path directory = Files.createDirectories(home.resolve("mnt"));
        List<String> command = cluster.hearth(
                home, "mount", dataset, directory.toString(), "--master", cluster.master(), "--admin", "7079");
        OwnProcess process =
                OwnProcess.start("hearth mount", home.resolve("mount.log"), host.command(command), Map.of());
        MountPoint mount = run.owned().own(new MountPoint(directory, process));
        process.awaitLine("mounted ", Cluster.START_BOUND);
        return new ClusterNode(run, cluster, host, home, worker, admin, mount);
    }

    /** Where the dataset's files are, for every process of this machine. */
    public Path directory() {
        return mount.directory();
    }

    public Host host() {
        return host;
    }

    /** The worker's process; empty where there is none. */
    public Optional<OwnProcess> worker() {
        return worker;
    }

    /** Bytes that worker and mount have had from the origin. */
    public long originBytes() throws IOException {
        long bytes = counter("127.0.0.1:7079", ORIGIN_BYTES);
        if (workerAdmin.isPresent()) {
            bytes += counter(workerAdmin.get(), ORIGIN_BYTES);
        }
        return bytes;
    }

    /** A counter of a process on this host, whose network nobody else reaches. */
    private long counter(String address, String name) throws IOException {
        Path answer = home.resolve("metrics");
        String[] place = address.split(":");
        String script = "exec 3<>/dev/tcp/" + place[0] + "/" + place[1] + " && printf 'GET /metrics HTTP/1.0\\r\\n"
                + "Authorization: Bearer " + cluster.token() + "\\r\\n\\r\\n' >&3 && cat <&3";
        OwnProcess.complete("metrics", answer, host.command(List.of("bash", "-c", script)), Map.of(), SCRAPE_BOUND);
        List<String> lines = Files.readAllLines(answer, StandardCharsets.UTF_8);
        if (lines.isEmpty() || !lines.get(0).contains(" 200 ")) {
            throw new IOException(
                    "no metrics at " + address + " of " + host + ": " + (lines.isEmpty() ? "" : lines.get(0)));
        }
        return Math.round(lines.stream()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum());
    }

    /** Ends the mount, and the worker if there is one. */
    public void end() {
        run.owned().end(mount);
        worker.ifPresent(run.owned()::end);
    }
}
