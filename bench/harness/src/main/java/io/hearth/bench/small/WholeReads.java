package io.hearth.bench.small;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Every file opened, read whole and closed once, in order, by some readers at once, as a data loader's workers do. */
final class WholeReads {
    private static final int READERS = 8;

    private final List<SmallFiles.File> files;

    WholeReads(List<SmallFiles.File> files) {
        this.files = files;
    }

    /** @return files a second */
    double timed(Path directory) throws Exception {
        long begun = System.nanoTime();
        each(file -> {
            long length = Files.readAllBytes(directory.resolve(file.path())).length;
            if (length != file.content().sizeBytes()) {
                throw wrong(directory, file);
            }
        });
        return files.size() / ((System.nanoTime() - begun) / 1e9);
    }

    /** Compares the bytes. */
    void compare(Path directory) throws Exception {
        each(file -> {
            byte[] expected = file.content().bytes(0, (int) file.content().sizeBytes());
            if (!Arrays.equals(expected, Files.readAllBytes(directory.resolve(file.path())))) {
                throw wrong(directory, file);
            }
        });
    }

    private interface Reading {
        void read(SmallFiles.File file) throws IOException;
    }

    private void each(Reading reading) throws Exception {
        AtomicInteger next = new AtomicInteger();
        ExecutorService readers = Executors.newFixedThreadPool(READERS);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                done.add(readers.submit(() -> {
                    for (int file = next.getAndIncrement(); file < files.size(); file = next.getAndIncrement()) {
                        reading.read(files.get(file));
                    }
                    return null;
                }));
            }
            for (Future<?> reader : done) {
                reader.get();
            }
        } finally {
            readers.shutdownNow();
        }
    }

    private static HearthException wrong(Path directory, SmallFiles.File file) {
        return new HearthException(
                FailureKind.CORRUPT, directory.resolve(file.path()) + " has other bytes than the source");
    }
}
