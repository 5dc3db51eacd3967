package io.hearth.jmh.lend;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.worker.tier.ChunkLayout;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.FileTierIo;
import io.hearth.worker.tier.GiveBack;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.Tier;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierSettings;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.TierStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Fills a memory tier with 2 GiB as 1, 4 and 64 files and gives them back, by one thread and by four; prints
 * milliseconds.
 */
public final class GiveBackTable {
    private static final long BYTES = 2L << 30;
    private static final int ROUNDS = 5;

    private GiveBackTable() {}

    /** @param arguments directories on a tmpfs of 3 GiB and more; without any, /dev/shm */
    public static void main(String[] arguments) throws IOException {
        String[] directories = arguments.length > 0 ? arguments : new String[] {"/dev/shm"};
        System.out.println(
                "| directory | pages | files | threads | median ms | least | most |\n|---|---|---|---|---|---|---|");
        for (String directory : directories) {
            for (boolean huge : new boolean[] {false, true}) {
                for (int files : new int[] {1, 4, 64}) {
                    row(Path.of(directory), huge, files, 1);
                    row(Path.of(directory), huge, files, 4);
                }
            }
        }
    }

    private static void row(Path directory, boolean huge, int files, int threads) throws IOException {
        long[] ms = rounds(directory, huge, files, threads);
        System.out.printf(
                Locale.ROOT,
                "| %s | %s | %d | %d | %d | %d | %d |%n",
                directory,
                huge ? "2 MiB" : "4 KiB",
                files,
                threads,
                ms[ROUNDS / 2],
                ms[0],
                ms[ROUNDS - 1]);
    }

    private static long[] rounds(Path parent, boolean huge, int files, int threads) throws IOException {
        Path directory = Files.createTempDirectory(parent, "hearth-giveback");
        ExecutorService freers = Executors.newFixedThreadPool(threads);
        TierSpec spec = new TierSpec(Medium.MEM, directory, BYTES + BYTES / 8);
        TierSettings settings =
                new SettingsBinder(Path.of("")).bind(TierSettings.class, Map.of("worker.huge-pages", "always"));
        TierEnvironment environment = TierEnvironment.of(
                        new FileTierIo(), TierEvents.NONE, Runnable::run, Clock.systemUTC(), 256, 10_000)
                .with(settings);
        try (TierStore store = TierStore.open(List.of(spec), environment, () -> EvictionChoice.S3_FIFO.policy(1000))) {
            long[] ms = new long[ROUNDS];
            Tier tier = store.tiers().get(0);
            GiveBack giveBack = new GiveBack(store, freers);
            for (int round = 0; round < ROUNDS; round++) {
                giveBack.grow(tier, spec.quotaBytes());
                fill(store, huge, files);
                long begunNanos = System.nanoTime();
                long freed = giveBack.give(tier, BYTES).freedBytes();
                ms[round] = (System.nanoTime() - begunNanos) / 1_000_000;
                if (freed != BYTES) {
                    throw new IllegalStateException(freed + " bytes freed instead of " + BYTES);
                }
            }
            Arrays.sort(ms);
            return ms;
        } finally {
            freers.shutdown();
            delete(directory);
        }
    }

    private static void fill(TierStore store, boolean huge, int files) {
        ByteBuffer chunk = ByteBuffer.allocateDirect(Geometry.CHUNK_BYTES);
        for (int i = 0; i < files; i++) {
            ObjectRef object = new ObjectRef("bench", "file-" + i, new Validator.LastModified(1), BYTES / files);
            ObjectFile file = store.holdOrCreate(object, object.id(), "bench").orElseThrow();
            for (int block = 0;
                    huge && block < ChunkLayout.blockOf(file.layout().chunks());
                    block++) {
                file.prepareHuge(block);
            }
            for (int number = 0; number < file.layout().chunks(); number++) {
                file.write(number, chunk.clear(), 0);
            }
            file.release();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
