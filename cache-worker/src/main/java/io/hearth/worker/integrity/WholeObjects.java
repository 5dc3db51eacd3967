package io.hearth.worker.integrity;

import io.hearth.client.Source;
import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectChecksum.Algorithm;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.RequestContext;
import io.hearth.worker.integrity.IntegrityMetrics.Result;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.WeakHashMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds objects that a fill has made whole against the checksum that their origin keeps, one after the other on one
 * thread. A CRC32C is put together from those of the chunks; any other takes a pass over the file at a bounded rate, on
 * another thread: loads wait for the first kind. An object that differs is dropped as a whole, durably, and fetched
 * again; twice in a row, and it is refused for a while.
 */
public final class WholeObjects implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WholeObjects.class);
    private static final int CLOSE_SECONDS_MAX = 5;

    private final FilledFiles filled;
    private final TierStore store;
    private final Source origin;
    private final OriginDatasets datasets;
    private final Distrusted distrusted;
    private final Refetch refetch;
    private final Optional<ReadPass> pass;
    private final IntegrityMetrics metrics;
    private final Stop stop;
    /** The content that was compared last, by its CRC32C: two fills that end together make one file whole twice. */
    private final Map<ObjectFile, Integer> compared = new WeakHashMap<>();

    private final ThreadPoolExecutor passes;
    private final Thread thread = new Thread(this::run, "hearth-checksums");

    /**
     * @param pass empty: only what needs no reading is compared
     * @param passesMax files that may wait for a pass; more are not compared
     */
    WholeObjects(
            FilledFiles filled,
            TierStore store,
            Source origin,
            OriginDatasets datasets,
            Distrusted distrusted,
            Refetch refetch,
            Optional<ReadPass> pass,
            int passesMax,
            IntegrityMetrics metrics,
            Stop stop) {
        this.filled = filled;
        this.store = store;
        this.origin = origin;
        this.datasets = datasets;
        this.distrusted = distrusted;
        this.refetch = refetch;
        this.pass = pass;
        this.metrics = metrics;
        this.stop = stop;
        this.passes = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(passesMax), task -> {
            Thread made = new Thread(task, "hearth-checksum-passes");
            made.setDaemon(true);
            return made;
        });
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        for (Optional<ObjectFile> next = filled.next(); next.isPresent(); next = filled.next()) {
            compare(next.get());
            filled.decided();
        }
    }

    private void compare(ObjectFile file) {
        try {
            boolean here = store.find(file.id()).filter(file::equals).isPresent();
            OptionalInt crc = here ? wholeCrc(file) : OptionalInt.empty();
            if (crc.isEmpty()) {
                metrics.compared(Result.SKIPPED);
            } else if (!Integer.valueOf(crc.getAsInt()).equals(compared.get(file))) {
                compared.put(file, crc.getAsInt());
                result(file, crc.getAsInt()).ifPresent(result -> ended(file, result));
            }
        } catch (RuntimeException e) {
            failed(file, e);
        }
    }

    private void failed(ObjectFile file, RuntimeException e) {
        HearthException why = HearthException.of(e);
        LOG.info("{} was not held against its origin's checksum: {}", file.object(), why.getMessage());
        metrics.compared(Result.FAILED);
    }

    /** Empty if a chunk is missing or not verified. */
    private static OptionalInt wholeCrc(ObjectFile file) {
        CrcCombination whole = new CrcCombination();
        for (int chunk = 0; chunk < file.layout().chunks(); chunk++) {
            OptionalInt crc = file.crc(chunk);
            if (crc.isEmpty()) {
                return crc;
            }
            whole.append(crc.getAsInt(), file.layout().length(chunk));
        }
        return OptionalInt.of(whole.value());
    }

    /** Empty when the worker stops, and where a pass over the file will tell. */
    private Optional<Result> result(ObjectFile file, int crc) {
        Optional<RequestContext> context = datasets.context(file.object());
        if (context.isEmpty()) {
            return Optional.of(Result.SKIPPED);
        }
        CompletableFuture<List<ObjectChecksum>> asked = origin.checksums(context.get(), file.object());
        if (stop.before(asked)) {
            asked.cancel(false);
            return Optional.empty();
        }
        List<ObjectChecksum> checksums = asked.join();
        if (checksums.isEmpty()) {
            return Optional.of(Result.NONE);
        }
        ObjectChecksum cheapest = checksums.get(0);
        if (cheapest.algorithm() == Algorithm.CRC32C) {
            return Optional.of(same(cheapest, WholeDigest.bytes(Integer.toUnsignedLong(crc), Integer.BYTES)));
        }
        return pass.filter(reading -> later(() -> read(reading, file, cheapest)))
                        .isPresent()
                ? Optional.empty()
                : Optional.of(Result.SKIPPED);
    }

    private boolean later(Runnable task) {
        try {
            passes.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void read(ReadPass reading, ObjectFile file, ObjectChecksum wanted) {
        try {
            Result result = reading.digest(file, wanted.algorithm())
                    .map(value -> same(wanted, value))
                    .orElse(Result.SKIPPED);
            ended(file, result);
        } catch (RuntimeException e) {
            failed(file, e);
        }
    }

    private static Result same(ObjectChecksum wanted, byte[] found) {
        return wanted.equals(new ObjectChecksum(wanted.algorithm(), found)) ? Result.MATCHED : Result.MISMATCHED;
    }

    private void ended(ObjectFile file, Result result) {
        if (result == Result.MATCHED) {
            distrusted.matched(file.id());
        } else if (result == Result.MISMATCHED) {
            mismatched(file);
        }
        metrics.compared(result);
    }

    private void mismatched(ObjectFile file) {
        boolean refused = distrusted.mismatched(file.id());
        store.quarantine(file);
        if (refused) {
            LOG.error(
                    "{} differs again from the checksum that its origin keeps: dropped and refused, loads of it fail;"
                            + " put it into the bucket again",
                    file.object());
        } else {
            LOG.error("{} differs from the checksum that its origin keeps: dropped, fetched again", file.object());
            refetch.range(file.object(), 0, file.layout().sizeBytes());
        }
    }

    /** Ends the threads, within five seconds each. */
    @Override
    public void close() {
        stop.tell();
        filled.close();
        passes.shutdownNow();
        if (thread.isAlive()) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS_MAX));
                passes.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
