package io.hearth.bench.cost;

import io.hearth.bench.stage.SequentialRead;
import io.hearth.bench.stage.SourceFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Files read from beginning to end at the same time, each by a thread of its own. */
final class Readers {
    private Readers() {}

    /** @return bytes a second of all together */
    static double readAll(Path directory, List<SourceFile> files) throws Exception {
        ExecutorService readers = Executors.newFixedThreadPool(files.size());
        long begun = System.nanoTime();
        try {
            List<Future<Double>> reads = new ArrayList<>();
            for (SourceFile file : files) {
                reads.add(readers.submit(() -> SequentialRead.timed(directory.resolve(file.key()), file)));
            }
            for (Future<Double> read : reads) {
                read.get();
            }
        } finally {
            readers.shutdownNow();
        }
        long bytes = files.stream().mapToLong(SourceFile::sizeBytes).sum();
        return bytes / ((System.nanoTime() - begun) / 1e9);
    }
}
