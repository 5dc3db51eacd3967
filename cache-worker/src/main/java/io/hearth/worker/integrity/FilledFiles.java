package io.hearth.worker.integrity;

import io.hearth.worker.integrity.IntegrityMetrics.Result;
import io.hearth.worker.tier.ObjectFile;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Files that a fill has just made whole, waiting for their comparison, each once; past the bound they are not compared.
 * Thread-safe; only {@link #next} blocks.
 */
final class FilledFiles implements Consumer<ObjectFile> {
    private final long sizeMinBytes;
    private final int filesMax;
    private final IntegrityMetrics metrics;
    private final ArrayDeque<ObjectFile> waiting = new ArrayDeque<>();
    private final Map<ObjectFile, CompletableFuture<Void>> undecided = new HashMap<>();
    private Optional<ObjectFile> taken = Optional.empty();
    private CompletableFuture<Void> deciding = CompletableFuture.completedFuture(null);
    private boolean closed;

    FilledFiles(long sizeMinBytes, int filesMax, IntegrityMetrics metrics) {
        this.sizeMinBytes = sizeMinBytes;
        this.filesMax = filesMax;
        this.metrics = metrics;
    }

    /** A block of the file was filled. */
    @Override
    public void accept(ObjectFile file) {
        if (file.layout().sizeBytes() < sizeMinBytes || !file.whole()) {
            return;
        }
        synchronized (this) {
            if (closed || undecided.containsKey(file)) {
                return;
            }
            if (waiting.size() < filesMax) {
                undecided.put(file, new CompletableFuture<>());
                waiting.add(file);
                notifyAll();
                return;
            }
        }
        metrics.compared(Result.SKIPPED);
    }

    /** The next file, when there is one; empty once closed. */
    synchronized Optional<ObjectFile> next() {
        while (waiting.isEmpty() && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                closed = true;
            }
        }
        taken = closed ? Optional.empty() : Optional.of(waiting.remove());
        taken.ifPresent(file -> deciding = undecided.remove(file));
        return taken;
    }

    /** The file that was taken last is compared, or will not be without a pass over it. */
    void decided() {
        CompletableFuture<Void> told;
        synchronized (this) {
            taken = Optional.empty();
            told = deciding;
        }
        told.complete(null);
    }

    /** Done, well or not, when the file neither waits for its comparison nor is being compared. */
    synchronized CompletableFuture<Void> decided(ObjectFile file) {
        boolean now = taken.filter(file::equals).isPresent();
        return undecided
                .getOrDefault(file, now ? deciding : CompletableFuture.completedFuture(null))
                .copy();
    }

    void close() {
        List<CompletableFuture<Void>> told;
        synchronized (this) {
            closed = true;
            waiting.clear();
            told = List.copyOf(undecided.values());
            undecided.clear();
            notifyAll();
        }
        told.forEach(each -> each.complete(null));
    }
}
