package io.hearth.launcher.it;

import io.hearth.launcher.it.HearthRig.Daemon;
import io.hearth.testing.hosts.Host;
import io.hearth.testing.hosts.Hosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * A store and a master with the store's keys on hosts of their own, the dataset {@code set} over the bucket {@code demo},
 * and further daemons on further hosts, without keys. All have a token in common. Ended by {@link #close}.
 */
final class HostedHearth implements AutoCloseable {
    private static final Duration COMMAND_BOUND = Duration.ofMinutes(2);

    private final Path directory;
    private final Shell withoutKeys;
    private final Host masterHost;
    private final Deque<Daemon> daemons = new ArrayDeque<>();
    private String masterUrl = "";

    private HostedHearth(Path directory, Host masterHost) throws IOException {
        this.directory = directory;
        this.masterHost = masterHost;
        this.withoutKeys = new Shell(Files.createDirectories(directory.resolve("scratch")), Map.of());
    }

    static HostedHearth start(Path directory, Hosts hosts) throws IOException {
        HostedHearth cluster = new HostedHearth(directory, hosts.add());
        try {
            cluster.begin(hosts.add());
            return cluster;
        } catch (AssertionError | IOException e) {
            cluster.close();
            throw e;
        }
    }

    private void begin(Host storeHost) throws IOException {
        Shell withKeys = new Shell(
                directory.resolve("scratch"),
                Map.of(
                        "AWS_ACCESS_KEY_ID", HearthRig.keys().accessKeyId(),
                        "AWS_SECRET_ACCESS_KEY", HearthRig.keys().secretAccessKey()));
        List<String> store = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StoreMain.class.getName(),
                directory.resolve("s3").toString(),
                storeHost.address());
        String endpoint = started(withKeys, storeHost, "store", store).ready().replace("store at ", "");
        List<String> master = hearth(home("master"), "master", "--set", "master.bind=" + masterHost.address());
        String ready = started(withKeys, masterHost, "master", master).ready();
        masterUrl = ready.replace("master ready at ", "").split(",")[0];
        String[] create = {
            "dataset", "create", "set", "--origin", "s3://demo/set", "--endpoint", endpoint, "--credentials", "env"
        };
        on(withKeys, create).ok();
    }

    /** A home with the token. */
    private Path home(String name) throws IOException {
        Path home = Files.createDirectories(directory.resolve("home-" + name));
        Files.writeString(home.resolve("token"), "a-token-of-many-hosts\n");
        return home;
    }

    private static List<String> hearth(Path home, String... words) {
        List<String> command =
                new ArrayList<>(List.of(HearthRig.ROOT.resolve("bin/hearth").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("--home", home.toString()));
        return command;
    }

    private Daemon started(Shell shell, Host host, String name, List<String> command) {
        Path log = directory.resolve("scratch/" + name + ".log");
        Daemon daemon = Daemon.start(shell, log, host.command(command));
        daemons.push(daemon);
        daemon.awaitReady();
        return daemon;
    }

    /** A daemon on a host, by the words of its command. */
    Daemon start(Host host, String name, String... words) throws IOException {
        List<String> command = hearth(home(name), words);
        command.addAll(List.of("--master", masterUrl));
        return started(withoutKeys, host, name, command);
    }

    /** A command on the master's host. */
    Shell.Result hearth(String... words) throws IOException {
        return on(withoutKeys, words);
    }

    private Shell.Result on(Shell shell, String... words) throws IOException {
        List<String> command = hearth(home("user"), words);
        command.addAll(List.of("--master", masterUrl));
        return shell.run(COMMAND_BOUND, masterHost.command(command).toArray(String[]::new));
    }

    /** Ends all of them, also after one that did not end well. */
    @Override
    public void close() {
        AssertionError failed = null;
        while (!daemons.isEmpty()) {
            try {
                daemons.pop().stop();
            } catch (AssertionError e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
