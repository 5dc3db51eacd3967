package io.hearth.bench.stage;

import io.hearth.bench.BenchRun;
import io.hearth.bench.process.MountPoint;
import io.hearth.bench.process.OwnProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A master and a worker as a user starts them, by {@code bin/hearth} with default settings but free ports and a home of
 * their own, and mounts of datasets. Ended with the run. Used by one thread.
 */
public final class HearthNode {
    private static final Duration START_BOUND = Duration.ofSeconds(90);
    private static final Duration ARCHIVE_BOUND = Duration.ofMinutes(5);
    private static final Duration COMMAND_BOUND = Duration.ofMinutes(10);

    private final BenchRun run;
    private final Path home;
    private final List<String> settings;
    private final Map<String, String> environment;
    private final String master;
    private final Optional<OwnProcess> worker;
    private final Optional<URI> workerAdmin;
    private final AtomicInteger logs = new AtomicInteger();

    private HearthNode(
            BenchRun run, Path home, List<String> settings, Map<String, String> environment, boolean withWorker) {
        this.run = run;
        this.home = home;
        this.settings = settings;
        this.environment = environment;
        OwnProcess masterProcess = start(
                "master",
                "--set",
                "master.port=0",
                "--set",
                "cluster.discovery-port=0",
                "--set",
                "cluster.communication-port=0");
        this.master = masterProcess.awaitLine("master ready at ", START_BOUND).split(",")[0];
        this.worker = withWorker ? Optional.of(startWorker()) : Optional.empty();
        this.workerAdmin = worker.map(process -> process.awaitLine("worker ready: data on ", START_BOUND))
                .map(line -> URI.create(line.substring(line.indexOf("http://"))));
    }

    private OwnProcess startWorker() {
        return start("worker", "--master", master, "--set", "worker.data-port=0", "--set", "worker.admin-port=0");
    }

    /**
     * Makes the class-data archive of the mount and the short commands, or of "master" or "worker", as an installation
     * has it.
     */
    public static void archive(BenchRun run, String... roles) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(run.root().resolve("bin").resolve("archive").toString());
        command.addAll(List.of(roles));
        Path log = run.newDirectory("archive").resolve("log");
        OwnProcess.complete(command.get(0), log, command, Map.of(), ARCHIVE_BOUND);
    }

    /** Starts a master alone: mounts read from the origin themselves. */
    public static HearthNode startWithoutWorker(BenchRun run) throws IOException {
        return new HearthNode(run, run.newDirectory("alone"), List.of(), Map.of(), false);
    }

    /**
     * Starts both.
     *
     * @param settings {@code name=value}, for what the bench is about
     */
    public static HearthNode start(BenchRun run, List<String> settings) throws IOException {
        return new HearthNode(run, run.newDirectory("hearth"), settings, Map.of(), true);
    }

    /** As {@link #start(BenchRun, List)}, with variables such as {@code HEARTH_JAVA_OPTS} for the processes. */
    public static HearthNode start(BenchRun run, List<String> settings, Map<String, String> environment)
            throws IOException {
        return new HearthNode(run, run.newDirectory("hearth"), settings, environment, true);
    }

    /** Declares a dataset over a bucket and waits for its listing. */
    public void create(String dataset, URI endpoint, String bucket) {
        complete(
                "dataset",
                "create",
                dataset,
                "--origin",
                "s3://" + bucket,
                "--endpoint",
                endpoint.toString(),
                "--path-style",
                "--credentials",
                "anonymous",
                "--master",
                master);
    }

    /** Drops what the worker has of a dataset. */
    public void evict(String dataset) {
        complete("evict", dataset, "--master", master);
    }

    /** Loads the whole dataset, to the end. */
    public void loaded(String dataset) {
        complete("load", "create", dataset, "--wait", "--master", master);
    }

    /** Begins to load the whole dataset. */
    public void load(String dataset) {
        complete("load", "create", dataset, "--master", master);
    }

    /** Mounts a dataset in a new process; the caller ends it. */
    public MountPoint mount(String dataset) throws IOException {
        return mount(dataset, List.of());
    }

    /** As {@link #mount(String)}, with settings of its own. */
    public MountPoint mount(String dataset, List<String> mountSettings) throws IOException {
        return mount(dataset, mountSettings, Map.of());
    }

    /** As {@link #mount(String, List)}, with variables such as {@code HEARTH_HEAP} beside the node's. */
    public MountPoint mount(String dataset, List<String> mountSettings, Map<String, String> variables)
            throws IOException {
        Path directory = newMountPoint();
        OwnProcess process = startMount(dataset, directory, mountSettings, variables);
        process.awaitLine("mounted ", START_BOUND);
        return run.owned().own(MountPoint.await(directory, process));
    }

    /** As {@link #mount(String)}, but returns as soon as the mount is there, whatever its command does after that. */
    public MountPoint launch(String dataset) throws IOException {
        Path directory = newMountPoint();
        OwnProcess process = startMount(dataset, directory, List.of(), Map.of());
        return run.owned().own(MountPoint.await(directory, process));
    }

    private Path newMountPoint() throws IOException {
        return Files.createDirectories(home.resolve("mnt-" + logs.incrementAndGet()));
    }

    private OwnProcess startMount(
            String dataset, Path directory, List<String> mountSettings, Map<String, String> variables) {
        List<String> words = new ArrayList<>(List.of("mount", dataset, directory.toString(), "--master", master));
        mountSettings.forEach(setting -> words.addAll(List.of("--set", setting)));
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(variables);
        String[] command = words.toArray(String[]::new);
        return run.owned().own(OwnProcess.start("hearth mount", log("mount"), command(command), all));
    }

    public long workerPid() {
        return worker.orElseThrow().pid();
    }

    /** Where the worker's metrics are. */
    public URI workerAdmin() {
        return workerAdmin.orElseThrow();
    }

    /** The master's URL. */
    public URI master() {
        return URI.create(master);
    }

    private OwnProcess start(String... words) {
        return run.owned().own(OwnProcess.start("hearth " + words[0], log(words[0]), command(words), environment));
    }

    private void complete(String... words) {
        OwnProcess.complete("hearth " + words[0], log(words[0]), command(words), environment, COMMAND_BOUND);
    }

    private Path log(String command) {
        return home.resolve(command + "-" + logs.incrementAndGet() + ".log");
    }

    private List<String> command(String... words) {
        List<String> command = new ArrayList<>();
        command.add(run.root().resolve("bin").resolve("hearth").toString());
        command.addAll(List.of(words));
        command.addAll(List.of("--home", home.toString()));
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        return command;
    }
}
