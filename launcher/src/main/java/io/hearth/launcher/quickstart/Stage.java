package io.hearth.launcher.quickstart;

import io.hearth.client.MasterApi;
import io.hearth.launcher.process.Lifetime;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Where the story plays: home, mount point, tiers, settings of the servers and of the children. */
final class Stage {
    private static final String PREFIX = "hearth-quickstart-";
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long MEMORY_TIER_BYTES_MAX = 1L << 30;
    private static final int USUAL_MASTER_PORT = 7070;
    private static final Duration REPORT_BOUND = Duration.ofSeconds(10);
    private static final Duration START_BOUND = Duration.ofSeconds(30);

    private final Path mountPoint;
    private Settings settings;

    private Stage(Settings settings, Path mountPoint) {
        this.settings = settings;
        this.mountPoint = mountPoint;
    }

    static Stage build(Settings given, QuickstartOptions options, Lifetime lifetime) throws IOException {
        Settings settings = given;
        if (options.once()) {
            Path home = lifetime.start(() -> new TemporaryDirectory(Files.createTempDirectory(PREFIX)))
                    .root();
            settings = given.withHome(home);
            settings = settings.orElse("master.port", "0");
            settings = settings.orElse("cluster.discovery-port", "0");
            settings = settings.orElse("cluster.communication-port", "0");
            settings = settings.orElse("worker.data-port", "0");
            settings = settings.orElse("worker.admin-port", "0");
        }
        // Five processes and the user's terminal share these cores: a pause of scheduling is no dead worker.
        settings = settings.orElse("client.stall-timeout", "5s");
        // Nor is it a slow connection: the story counts each byte once.
        settings = settings.orElse("origin.hedge-percent", "0");
        Path mountPoint = settings.home().resolve("mnt").resolve("quickstart");
        Files.createDirectories(mountPoint);
        settings = settings.orElse("worker.tiers", tiers(settings.home(), options, lifetime));
        return new Stage(settings, mountPoint);
    }

    /**
     * A memory tier where there is room for one, given back at the end, and a disk tier that takes the whole sample or
     * most of the disk.
     */
    private static String tiers(Path home, QuickstartOptions options, Lifetime lifetime) throws IOException {
        long usable = home.toFile().getUsableSpace();
        long diskBytes = options.origin().isPresent() ? usable / 5 * 4 : Math.max(options.sampleBytes() * 2, 1L << 30);
        String disk = "SSD:" + home.resolve("worker").resolve("ssd") + ":" + diskBytes;
        if (!Files.isWritable(SHARED_MEMORY)) {
            return disk;
        }
        long free = SHARED_MEMORY.toFile().getUsableSpace();
        long memoryBytes = Math.min(MEMORY_TIER_BYTES_MAX, free / 2);
        Path memory = lifetime.start(() -> new TemporaryDirectory(Files.createTempDirectory(SHARED_MEMORY, PREFIX)))
                .root();
        return "MEM:" + memory + ":" + memoryBytes + "," + disk;
    }

    Settings settings() {
        return settings;
    }

    /** Tells every process where the master is; its port may have been chosen freely. */
    void useMaster(URI master) {
        settings = settings.with(Map.of("masters", master.toString()));
    }

    /** What a command in another terminal needs to find the master: nothing where it is at its usual place. */
    String masterFlag() {
        URI master = settings.get(ProcessSettings.class).masters().get(0);
        return master.getPort() == USUAL_MASTER_PORT ? "" : " --master " + master;
    }

    Path mountPoint() {
        return mountPoint;
    }

    Path log(String process) {
        return settings.home().resolve("log").resolve("quickstart-" + process + ".log");
    }

    /** What a child needs to run with the same home and settings. */
    List<String> childFlags() {
        return settings.asFlags();
    }

    /** Waits until the master has heard of {@code bytes} cached bytes: workers report about once a second. */
    DatasetStatus awaitReported(MasterApi api, DatasetName dataset, long bytes) {
        long deadline = System.nanoTime() + REPORT_BOUND.toNanos();
        DatasetStatus status = api.describe(dataset).join();
        while (status.cachedBytes() < bytes && System.nanoTime() < deadline) {
            pause();
            status = api.describe(dataset).join();
        }
        return status;
    }

    /** Waits for something that takes a moment after a start. */
    void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + START_BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new HearthException(
                        FailureKind.TIMEOUT, "waited " + START_BOUND.toSeconds() + " s for " + what + " in vain");
            }
            pause();
        }
    }

    private static void pause() {
        CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS))
                .join();
    }

    /** Removed with all that is in it when the story ends. */
    private record TemporaryDirectory(Path root) implements AutoCloseable {
        private static final int REMOVAL_ROUNDS_MAX = 10;

        @Override
        public void close() {
            // Who was told to end may still have been writing here: what came meanwhile goes in the next round.
            for (int round = 1; Files.exists(root); round++) {
                try {
                    remove();
                } catch (IOException | UncheckedIOException e) {
                    if (round == REMOVAL_ROUNDS_MAX) {
                        throw new HearthException(
                                FailureKind.INTERNAL, "cannot remove " + root + ": " + e.getMessage(), e);
                    }
                }
            }
        }

        private void remove() throws IOException {
            try (var walk = Files.walk(root)) {
                walk.sorted(java.util.Comparator.reverseOrder()).forEach(path -> {
                    try {
                        Files.deleteIfExists(path);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }
    }
}
