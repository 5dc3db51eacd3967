package io.hearth.bench.process;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Samples a process every 20 ms from construction to close: its peak of anonymous memory, and its processor time. */
public final class ProcessCost implements AutoCloseable {
    private static final long SAMPLE_MS = 20;
    private static final double TICKS_PER_SECOND = 100;
    private static final int USER_TICKS = 11;

    private final Path status;
    private final Path stat;
    private final AtomicLong peakBytes = new AtomicLong();
    private final double startSeconds;
    private final Thread sampler;
    private volatile boolean ended;

    public ProcessCost(long pid) {
        status = Path.of("/proc/" + pid + "/status");
        stat = Path.of("/proc/" + pid + "/stat");
        startSeconds = cpuSecondsOfLife();
        sampler = new Thread(this::sample, "bench-sampler-" + pid);
        sampler.setDaemon(true);
        sampler.start();
    }

    private void sample() {
        try {
            while (!ended) {
                peakBytes.accumulateAndGet(anonymousBytes(), Math::max);
                TimeUnit.MILLISECONDS.sleep(SAMPLE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (HearthException e) {
            // The process has ended; who asks for its costs is told.
        }
    }

    /** The largest RssAnon seen. */
    public long peakRssAnonBytes() {
        return Math.max(peakBytes.get(), anonymousBytes());
    }

    /** Processor time of all its threads since the start of sampling. */
    public double cpuSeconds() {
        return cpuSecondsOfLife() - startSeconds;
    }

    private double cpuSecondsOfLife() {
        String line = read(stat);
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[USER_TICKS + 1])) / TICKS_PER_SECOND;
    }

    private long anonymousBytes() {
        return read(status)
                .lines()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .sum();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new HearthException(FailureKind.UNAVAILABLE, "a measured process has ended: " + file, e);
        }
    }

    @Override
    public void close() {
        ended = true;
        sampler.interrupt();
    }
}
