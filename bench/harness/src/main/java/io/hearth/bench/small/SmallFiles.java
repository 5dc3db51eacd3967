package io.hearth.bench.small;

import io.hearth.bench.BenchRun;
import io.hearth.testing.Content;
import io.hearth.testing.origin.OriginLimits;
import io.hearth.testing.origin.StubOrigin;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Small files, 1000 a directory, both as objects of an unthrottled origin and as local files in memory.
 *
 * @param endpoint of an S3 server whose one bucket is {@link StubOrigin#BUCKET}
 * @param local the directory with the same files
 */
record SmallFiles(URI endpoint, Path local, List<File> files) {
    private static final int DIRECTORY_FILES = 1000;

    /** A file by its path. */
    record File(String path, Content content) {}

    /**
     * Makes them. Lengths are spread evenly.
     *
     * @param bytesMin shortest
     * @param bytesMax longest
     */
    static SmallFiles make(BenchRun run, int count, int bytesMin, int bytesMax, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        StubOrigin origin = run.owned().own(new StubOrigin(OriginLimits.none(), seed));
        Path local = run.newMemoryDirectory("files", (long) count * Math.max(bytesMax, 4096));
        List<File> files = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String directory = String.format(Locale.ROOT, "train/n%08d", 1_440_764 + i / DIRECTORY_FILES * 977);
            String path = String.format(Locale.ROOT, "%s/picture-%07d.jpeg", directory, i);
            Content content = Content.noise(seed + i, random.nextInt(bytesMin, bytesMax + 1));
            files.add(new File(path, content));
            origin.put(path, content);
            if (i % DIRECTORY_FILES == 0) {
                Files.createDirectories(local.resolve(directory));
            }
            Files.write(local.resolve(path), content.bytes(0, (int) content.sizeBytes()));
        }
        return new SmallFiles(origin.endpoint(), local, files);
    }
}
