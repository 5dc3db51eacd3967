package io.hearth.launcher.quickstart;

import io.hearth.client.MasterApi;
import io.hearth.launcher.process.Lifetime;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Where the story plays: home, mount point, tiers, settings of the servers and of the children. */
final class Stage {
    private static final String PREFIX = "hearth-quickstart-";
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long MEMORY_TIER_BYTES_MAX = 1L << 30;
    private static final long REPORT_BOUND_MS = 10_000;

    private final Path mountPoint;
    private Settings settings;

    private Stage(Settings settings, Path mountPoint) {
        this.settings = settings;
        this.mountPoint = mountPoint;
    }

    static Stage build(Settings given, QuickstartOptions options, Lifetime lifetime) throws IOException {
        Settings settings = given;
        Map<String, String> replaced = new HashMap<>();
        if (options.once()) {
            Path home = lifetime.start(() -> new TemporaryDirectory(Files.createTempDirectory(PREFIX)))
                    .root();
            settings = given.withHome(home);
            replaced.put("master.port", "0");
            replaced.put("cluster.discovery-port", "0");
            replaced.put("cluster.communication-port", "0");
            replaced.put("worker.data-port", "0");
            replaced.put("worker.admin-port", "0");
            replaced.put("worker.tiers", tiers(home, options.sampleBytes(), lifetime));
        }
        // Five processes and the user's terminal share these cores: a pause of scheduling is no dead worker.
        settings = settings.orElse("client.stall-timeout", "5s");
        Path mountPoint = settings.home().resolve("mnt").resolve("quickstart");
        Files.createDirectories(mountPoint);
        return new Stage(settings.with(replaced), mountPoint);
    }

    /** A memory tier where there is room for one, and a disk tier that takes all of the sample. */
    private static String tiers(Path home, long sampleBytes, Lifetime lifetime) throws IOException {
        long diskBytes = Math.max(sampleBytes * 2, 1L << 30);
        String disk = "SSD:" + home.resolve("worker").resolve("ssd") + ":" + diskBytes;
        if (!Files.isWritable(SHARED_MEMORY)) {
            return disk;
        }
        long free = Files.getFileStore(SHARED_MEMORY).getUsableSpace();
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
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REPORT_BOUND_MS);
        while (true) {
            DatasetStatus status = api.describe(dataset).join();
            if (status.cachedBytes() >= bytes || System.nanoTime() > deadline) {
                return status;
            }
            CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS))
                    .join();
        }
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
