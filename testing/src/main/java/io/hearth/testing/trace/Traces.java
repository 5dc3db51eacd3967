package io.hearth.testing.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Generates traces. Everything follows from the seed and from the count of accesses, which is kept to within a model's
 * files.
 */
public final class Traces {
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    private final List<TraceObject> objects = new ArrayList<>();
    private final List<Integer> accesses = new ArrayList<>();
    private final SplittableRandom random;
    private final int wanted;

    private Traces(long seed, int wanted) {
        this.random = new SplittableRandom(seed);
        this.wanted = wanted;
    }

    /** All traces, in the order in which they are shown. */
    public static List<Trace> all(long seed, int accesses) {
        return List.of(
                zipf(seed, accesses),
                scanAndHotSet(seed, accesses),
                modelRotation(seed, accesses),
                weightsAndScan(seed, accesses));
    }

    /**
     * Objects of 16 KiB to 64 MiB, popular by Zipf's law with exponent 0.9, whatever their size; one for ten accesses.
     */
    public static Trace zipf(long seed, int accesses) {
        return new Traces(seed, accesses).zipf();
    }

    private Trace zipf() {
        int count = wanted / 10;
        List<Integer> files = files("zipf", ".parquet", count, 16 * KIB, 64 * MIB);
        Zipf ranks = new Zipf(count, 0.9);
        while (!full()) {
            accesses.add(files.get(ranks.next(random)));
        }
        return trace("zipf");
    }

    /**
     * One access in four goes to a hot set, by Zipf's law with exponent 0.6; the others read a dataset of twenty times
     * the files from one end to the other, and begin again. Files of 256 KiB to 4 MiB.
     */
    public static Trace scanAndHotSet(long seed, int accesses) {
        return new Traces(seed, accesses).scanAndHotSet();
    }

    private Trace scanAndHotSet() {
        int count = wanted / 200;
        List<Integer> hot = files("hot", ".parquet", count, 256 * KIB, 4 * MIB);
        List<Integer> scanned = files("scan", ".parquet", 20 * count, 256 * KIB, 4 * MIB);
        Zipf ranks = new Zipf(count, 0.6);
        for (int next = 0; !full(); ) {
            if (random.nextInt(4) == 0) {
                accesses.add(hot.get(ranks.next(random)));
            } else {
                accesses.add(scanned.get(next++ % scanned.size()));
            }
        }
        return trace("scan + hot set");
    }

    /**
     * Twelve models of 2 to 16 shards of 1 to 5 GiB and five small files each. A load reads a whole model: the next one
     * in turn, or, as likely, one of the three latest.
     */
    public static Trace modelRotation(long seed, int accesses) {
        return new Traces(seed, accesses).modelRotation();
    }

    private Trace modelRotation() {
        List<List<Integer>> models = models(12);
        List<Integer> latest = new ArrayList<>();
        for (int next = 0; !full(); ) {
            boolean again = latest.size() >= 3 && random.nextBoolean();
            int model = again ? latest.get(latest.size() - 1 - random.nextInt(3)) : next++ % models.size();
            accesses.addAll(models.get(model));
            latest.remove((Integer) model);
            latest.add(model);
        }
        return trace("model rotation");
    }

    /**
     * Eight models, loaded whole, popular by Zipf's law with exponent 0.8, and between any two loads the next thousand
     * files of a dataset that has about half of the models' bytes, from one end to the other, again and again.
     */
    public static Trace weightsAndScan(long seed, int accesses) {
        return new Traces(seed, accesses).weightsAndScan();
    }

    private Trace weightsAndScan() {
        List<List<Integer>> models = models(8);
        List<Integer> scanned = files("scan", ".tar", 12_000, 4 * MIB, 64 * MIB);
        Zipf ranks = new Zipf(models.size(), 0.8);
        for (int next = 0; !full(); ) {
            accesses.addAll(models.get(ranks.next(random)));
            for (int i = 0; i < 1000 && !full(); i++) {
                accesses.add(scanned.get(next++ % scanned.size()));
            }
        }
        return trace("weights + scan");
    }

    private List<List<Integer>> models(int count) {
        List<List<Integer>> models = new ArrayList<>();
        for (int model = 0; model < count; model++) {
            List<Integer> all = new ArrayList<>(files("model-" + model, ".json", 5, KIB, 4 * MIB));
            all.addAll(files("model-" + model, ".safetensors", 2 + random.nextInt(15), GIB, 5 * GIB));
            models.add(all);
        }
        return models;
    }

    /** Sizes whose logarithms are spread evenly. */
    private List<Integer> files(String folder, String suffix, int count, long bytesMin, long bytesMax) {
        List<Integer> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double factor = Math.pow((double) bytesMax / bytesMin, random.nextDouble());
            files.add(objects.size());
            objects.add(TraceObject.of(folder + "/" + i + suffix, (long) (bytesMin * factor)));
        }
        return files;
    }

    private boolean full() {
        return accesses.size() >= wanted;
    }

    private Trace trace(String name) {
        return new Trace(
                name,
                List.copyOf(objects),
                accesses.stream().mapToInt(Integer::intValue).toArray());
    }
}
