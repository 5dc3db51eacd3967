package io.hearth.bench.lazy;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.testing.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads that read pieces of 4 MiB at random places of one file, each byte compared. */
record RandomPreads(Content content, int threads, int readsEach) {
    private static final int READ_BYTES = 4 << 20;
    private static final int MINUTES_MAX = 5;

    /** Seconds of the read that took longest. */
    double longestSeconds(Path file) throws IOException {
        ExecutorService running = Executors.newFixedThreadPool(threads);
        try (FileChannel in = FileChannel.open(file)) {
            List<Future<Double>> longest = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                SplittableRandom random = new SplittableRandom(thread);
                longest.add(running.submit(() -> longest(in, random)));
            }
            double seconds = 0;
            for (Future<Double> one : longest) {
                seconds = Math.max(seconds, one.get(MINUTES_MAX, TimeUnit.MINUTES));
            }
            return seconds;
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new HearthException(FailureKind.INTERNAL, "random reads of " + file + " did not end well", e);
        } finally {
            running.shutdownNow();
        }
    }

    private double longest(FileChannel in, SplittableRandom random) throws IOException {
        ByteBuffer got = ByteBuffer.allocateDirect(READ_BYTES);
        ByteBuffer expected = ByteBuffer.allocate(READ_BYTES);
        double longest = 0;
        for (int read = 0; read < readsEach; read++) {
            long offset = random.nextLong(content.sizeBytes() - READ_BYTES);
            long startNs = System.nanoTime();
            for (got.clear(); got.hasRemaining(); ) {
                if (in.read(got, offset + got.position()) < 0) {
                    throw new IOException("the file ends at " + (offset + got.position()));
                }
            }
            longest = Math.max(longest, (System.nanoTime() - startNs) / 1e9);
            content.read(offset, expected.clear());
            if (!got.flip().equals(expected.flip())) {
                throw new IOException("other bytes than the source at " + offset);
            }
        }
        return longest;
    }
}
