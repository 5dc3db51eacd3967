package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.hearth.embedded.EmbeddedStore;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.settings.SettingsBinder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;

/**
 * A user's machine: a home, an S3 server with keys, and {@code bin/hearth}. Daemons are processes; everything is ended
 * and unmounted by {@link #close()}.
 */
final class HearthRig implements AutoCloseable {
    static final Path ROOT = Path.of(System.getProperty("hearth.root"));
    static final String BUCKET = "demo";
    private static final Duration READY_BOUND = Duration.ofSeconds(60);
    private static final Duration COMMAND_BOUND = Duration.ofMinutes(2);

    final Path directory;
    final EmbeddedStore store;
    private final boolean ownsStore;
    final Shell shell;
    private final Map<String, String> environment = new HashMap<>();
    private final List<Daemon> daemons = new ArrayList<>();
    private final List<Path> mountPoints = new ArrayList<>();
    /** Of version 1.1: where a server ends an idle connection just now, the client asks anew instead of failing. */
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private int masterPort;
    private int workerAdminPort;

    HearthRig(Path directory) throws IOException {
        this(directory, EmbeddedStore.start(directory.resolve("s3"), 0, keys()), true);
    }

    /** A second rig over the store of another, which goes on to own it. */
    HearthRig(Path directory, EmbeddedStore store) throws IOException {
        this(directory, store, false);
    }

    private HearthRig(Path directory, EmbeddedStore store, boolean ownsStore) throws IOException {
        this.directory = directory;
        this.store = store;
        this.ownsStore = ownsStore;
        store.createBucket(BUCKET);
        environment.put("HEARTH_HOME", home().toString());
        environment.put("AWS_ACCESS_KEY_ID", keys().accessKeyId());
        environment.put("AWS_SECRET_ACCESS_KEY", keys().secretAccessKey());
        environment.put("ENDPOINT", store.endpoint().toString());
        environment.put("PATH", ROOT.resolve("bin") + ":" + System.getenv("PATH"));
        this.shell = new Shell(Files.createDirectories(directory.resolve("scratch")), environment);
    }

    static Credentials.Keys keys() {
        return new Credentials.Keys("AKIAHEARTHTEST000000", "secret-of-the-test-rig", java.util.Optional.empty());
    }

    /** Skips the test, with a reason, where nothing can be mounted. */
    static void assumeMounts() {
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "mounts need /dev/fuse, which is missing here");
    }

    Path home() {
        return directory.resolve("home");
    }

    /** A variable that every later command sees. */
    void set(String name, String value) {
        environment.put(name, value);
    }

    /** A setting of every later command, by its name: one that nobody knows fails the command. */
    void setting(String name, String value) {
        set(SettingsBinder.environmentName(name), value);
    }

    Shell.Result hearth(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(ROOT.resolve("bin/hearth").toString());
        command.addAll(List.of(arguments));
        return shell.run(COMMAND_BOUND, command.toArray(String[]::new));
    }

    /** Starts a master on a free port, or again on the port of the one before. */
    Daemon startMaster() {
        Daemon master = start(
                "master",
                "--set",
                "master.port=" + masterPort,
                "--set",
                "cluster.discovery-port=0",
                "--set",
                "cluster.communication-port=0");
        masterPort = URI.create(word(master.ready, "http://")).getPort();
        environment.put("HEARTH_MASTERS", "http://127.0.0.1:" + masterPort);
        return master;
    }

    /** Kills the running master. */
    void masterKilled() {
        daemons.stream().filter(daemon -> daemon.ready.startsWith("master")).forEach(Daemon::kill);
    }

    /** Starts a worker with a tier on disk, which keeps its bytes for the next one. */
    Daemon startWorker(String... flags) {
        List<String> arguments = new ArrayList<>(List.of(
                "worker",
                "--set",
                "worker.data-port=0",
                "--set",
                "worker.admin-port=0",
                // Bytes are counted: a pause of this machine must not be taken for a slow connection.
                "--set",
                "origin.hedge-percent=0",
                "--set",
                "worker.tiers=SSD:" + directory.resolve("tier") + ":4GiB"));
        arguments.addAll(List.of(flags));
        Daemon worker = start(arguments.toArray(String[]::new));
        workerAdminPort = URI.create(word(worker.ready, "http://")).getPort();
        await(
                "the master knows the worker",
                () -> hearth("doctor", "-o", "json").out().contains("\"worker "));
        return worker;
    }

    /** Declares a dataset over a prefix of the bucket. */
    void createDataset(String name, String prefix) {
        hearth(
                        "dataset",
                        "create",
                        name,
                        "--origin",
                        "s3://" + BUCKET + "/" + prefix,
                        "--endpoint",
                        store.endpoint().toString(),
                        "--credentials",
                        "env")
                .ok();
    }

    /** Mounts a dataset in a process of its own. */
    Daemon mount(String dataset, String... flags) {
        Path mountPoint = mountPoint(dataset);
        List<String> arguments = new ArrayList<>(List.of("mount", dataset, mountPoint.toString()));
        arguments.addAll(List.of(flags));
        return start(arguments.toArray(String[]::new));
    }

    /** Skips the test where no other user can be become who could mount. */
    void assumeOtherUsers() {
        Assumptions.assumeTrue(
                shell.bash("unshare -m setpriv --version && (command -v fusermount3 || command -v fusermount)")
                                .exit()
                        == 0,
                "needs unshare, setpriv and fusermount");
    }

    /**
     * Mounts as a user who may not, with the help of fusermount, beside this rig's worker. In a mount namespace of its
     * own, for there everybody may open the device; look at it by {@link #inside}. The user may read all files, for the
     * classes.
     */
    Daemon mountAsNobody(String dataset, String... flags) {
        Path own = directory.resolve("nobody");
        String user = "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +dac_read_search"
                + " --ambient-caps +dac_read_search";
        String script = String.join(
                " && ",
                "mkdir -p " + own + "/mnt " + own + "/home",
                "chmod 755 " + directory,
                "mknod -m 666 " + own + "/fuse c 10 229",
                "mount --bind " + own + "/fuse /dev/fuse",
                "chown -R 65534 " + own + "/mnt " + own + "/home",
                "cd /",
                "exec env HEARTH_LOG=INFO HEARTH_HOME=" + own + "/home " + user + " " + ROOT + "/bin/hearth mount "
                        + dataset + " "
                        + own + "/mnt --set client.worker-socket=" + home() + "/run/worker.sock "
                        + String.join(" ", flags));
        return start("mount", List.of("unshare", "-m", "bash", "-c", script));
    }

    /** Runs a script where such a mount is seen, as {@code $M}, by its user, who alone may; with the right to end others. */
    String inside(Daemon mount, String script) {
        return shell.run(
                        COMMAND_BOUND,
                        "nsenter",
                        "-m",
                        "-t",
                        String.valueOf(mount.process.pid()),
                        "setpriv",
                        "--reuid=65534",
                        "--regid=65534",
                        "--clear-groups",
                        "--inh-caps=+kill,+dac_read_search",
                        "--ambient-caps=+kill,+dac_read_search",
                        "env",
                        "M=" + directory.resolve("nobody/mnt"),
                        "bash",
                        "-c",
                        script)
                .ok()
                .strip();
    }

    Path mountPoint(String dataset) {
        Path mountPoint = directory.resolve("mnt-" + dataset);
        try {
            Files.createDirectories(mountPoint);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        mountPoints.add(mountPoint);
        return mountPoint;
    }

    void put(String key, byte[] bytes) {
        store.put(BUCKET, key, bytes);
    }

    /** A counter of the running worker, summed over its labels. */
    long workerCounter(String name) {
        String text = get("http://127.0.0.1:" + workerAdminPort + "/metrics").body();
        return Math.round(text.lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum());
    }

    HttpResponse<String> get(String url) {
        return get(url, HttpResponse.BodyHandlers.ofString());
    }

    byte[] getBytes(String url) {
        return get(url, HttpResponse.BodyHandlers.ofByteArray()).body();
    }

    private <T> HttpResponse<T> get(String url, HttpResponse.BodyHandler<T> body) {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    body);
        } catch (IOException e) {
            throw new UncheckedIOException(url, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String masterUrl() {
        return "http://127.0.0.1:" + masterPort;
    }

    String workerAdminUrl() {
        return "http://127.0.0.1:" + workerAdminPort;
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + READY_BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within " + READY_BOUND + ": " + what);
            CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS))
                    .join();
        }
    }

    private static String word(String line, String start) {
        for (String word : line.split("[\\s,]+")) {
            if (word.startsWith(start)) {
                return word;
            }
        }
        return fail("no word that starts with " + start + " in: " + line);
    }

    private Daemon start(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(ROOT.resolve("bin/hearth").toString());
        command.addAll(List.of(arguments));
        return start(arguments[0], command);
    }

    private Daemon start(String name, List<String> command) {
        Path log = directory.resolve("scratch/" + name + "-" + daemons.size() + ".log");
        Daemon daemon = Daemon.start(shell, log, command);
        daemons.add(daemon);
        daemon.awaitReady();
        return daemon;
    }

    @Override
    public void close() {
        for (int i = daemons.size() - 1; i >= 0; i--) {
            daemons.get(i).stop();
        }
        for (Path mountPoint : mountPoints) {
            shell.bash("! grep -q ' " + mountPoint + " ' /proc/self/mountinfo || umount -l " + mountPoint);
        }
        if (ownsStore) {
            store.close();
        }
    }

    /** A running daemon and its first line. */
    static final class Daemon {
        final Process process;
        final Path log;
        private String ready = "";

        private Daemon(Process process, Path log) {
            this.process = process;
            this.log = log;
        }

        /** Not ready yet; the caller ends it. */
        static Daemon start(Shell shell, Path log, List<String> command) {
            try {
                Process process = shell.builder(command.toArray(String[]::new))
                        .redirectError(log.toFile())
                        .start();
                return new Daemon(process, log);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Waits for its first line. */
        void awaitReady() {
            CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> {
                try {
                    return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                            .readLine();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            try {
                ready = line.get(READY_BOUND.toMillis(), TimeUnit.MILLISECONDS);
            } catch (Exception e) {
                fail("not ready: " + e + "\n" + logged());
            }
            if (ready == null) {
                fail("ended before it was ready:\n" + logged());
            }
        }

        private String logged() {
            try {
                return Files.readString(log);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The line that the daemon printed when it was ready. */
        String ready() {
            return ready;
        }

        /** SIGKILL. */
        void kill() {
            process.destroyForcibly();
            awaitEnd();
        }

        /** SIGSTOP: it is there and does nothing. */
        void pause() {
            signal("STOP");
        }

        /** SIGCONT. */
        void goOn() {
            signal("CONT");
        }

        private void signal(String name) {
            try {
                new ProcessBuilder("bash", "-c", "kill -" + name + " " + process.pid())
                        .start()
                        .waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        /** SIGTERM, and the exit status; 143 is SIGTERM's own. */
        int stop() {
            process.destroy();
            return awaitEnd();
        }

        private int awaitEnd() {
            try {
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    fail("did not end within 30 s of SIGTERM; log " + log + ":\n" + logged());
                }
                return process.exitValue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
