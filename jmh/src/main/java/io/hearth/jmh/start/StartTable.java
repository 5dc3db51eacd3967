package io.hearth.jmh.start;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.FileTierIo;
import io.hearth.worker.tier.FreeSpace;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierIo;
import io.hearth.worker.tier.TierSettings;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.TierStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Fills a tier with objects of 5 MiB, whole by their logs, and times how long a worker takes to open it again: with the
 * kernel's caches dropped, where that is allowed, and with them full. Needs 8 KiB of disk and two inodes an object.
 */
public final class StartTable {
    private static final int OBJECTS_DEFAULT = 200_000;
    private static final long OBJECT_BYTES = 5L << 20;
    private static final int ROUNDS = 3;
    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");

    /** Of a disk without bounds: holes are larger than the one at hand. */
    private static final FreeSpace NO_BOUNDS = new FreeSpace() {
        @Override
        public long freeBytes(Path directory) {
            return Long.MAX_VALUE;
        }

        @Override
        public long totalBytes(Path directory) {
            return 0;
        }
    };

    private final TierSpec spec;
    private final int objects;

    private StartTable(Path directory, int objects) {
        this.spec = new TierSpec(Medium.SSD, directory, 2 * objects * OBJECT_BYTES);
        this.objects = objects;
    }

    /**
     * @param arguments how many objects, 200,000 if not given; in which directory, the one for temporary files if not
     * given
     */
    public static void main(String[] arguments) throws IOException {
        int objects = arguments.length > 0 ? Integer.parseInt(arguments[0]) : OBJECTS_DEFAULT;
        Path parent = Path.of(arguments.length > 1 ? arguments[1] : System.getProperty("java.io.tmpdir"));
        Path directory = Files.createTempDirectory(parent, "hearth-start");
        try {
            StartTable table = new StartTable(directory, objects);
            table.fill();
            table.rounds();
        } finally {
            delete(directory);
        }
    }

    private void fill() {
        ByteBuffer chunk = ByteBuffer.allocateDirect(Geometry.CHUNK_BYTES);
        long begunNanos = System.nanoTime();
        try (TierStore store = open(new HoleTierIo())) {
            for (int i = 0; i < objects; i++) {
                ObjectRef object =
                        new ObjectRef("bench", "data/shard-" + i, new Validator.LastModified(i), OBJECT_BYTES);
                ObjectFile file =
                        store.holdOrCreate(object, object.id(), "bench").orElseThrow();
                for (int number = 0; number < file.layout().chunks(); number++) {
                    file.write(number, chunk.clear(), number);
                }
                file.release();
            }
        }
        System.out.printf(Locale.ROOT, "%,d objects made in %d ms%n", objects, millisSince(begunNanos));
    }

    private void rounds() throws IOException {
        System.out.println("| round | caches | ms | us an object | processor ms |\n|---|---|---:|---:|---:|");
        for (int round = 1; round <= ROUNDS; round++) {
            time(round, dropCaches() ? "cold" : "as they were");
            time(round, "warm");
        }
    }

    private void time(int round, String caches) {
        long begunNanos = System.nanoTime();
        long begunCpuMs = processorMs();
        try (TierStore store = open(new FileTierIo())) {
            long tookMs = millisSince(begunNanos);
            long cpuMs = processorMs() - begunCpuMs;
            if (store.size() != objects || !store.files().stream().allMatch(ObjectFile::whole)) {
                throw new IllegalStateException(store.size() + " objects found instead of " + objects);
            }
            System.out.printf(
                    Locale.ROOT,
                    "| %d | %s | %d | %.1f | %d |%n",
                    round,
                    caches,
                    tookMs,
                    tookMs * 1000.0 / objects,
                    cpuMs);
        }
    }

    /** What the whole process took: the figure to compare where other work shares the cores. */
    private static long processorMs() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
    }

    private TierStore open(TierIo io) {
        TierEnvironment environment = new TierEnvironment(
                io,
                TierEvents.NONE,
                Runnable::run,
                Clock.systemUTC(),
                Geometry.CHUNK_BYTES,
                256,
                10_000,
                NO_BOUNDS,
                TierSettings.defaults());
        return TierStore.open(List.of(spec), environment, () -> EvictionChoice.S3_FIFO.policy(objects));
    }

    /** Needs root; writes back first, as only clean pages and inodes are dropped. */
    private static boolean dropCaches() throws IOException {
        if (!Files.isWritable(DROP_CACHES)) {
            return false;
        }
        try {
            new ProcessBuilder("sync").inheritIO().start().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        Files.writeString(DROP_CACHES, "3");
        return true;
    }

    private static long millisSince(long begunNanos) {
        return (System.nanoTime() - begunNanos) / 1_000_000;
    }

    private static void delete(Path directory) throws IOException {
        try (var all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
