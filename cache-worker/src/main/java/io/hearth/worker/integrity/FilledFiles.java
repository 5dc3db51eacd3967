package io.hearth.worker.integrity;

import io.hearth.worker.integrity.IntegrityMetrics.Result;
import io.hearth.worker.tier.ObjectFile;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
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
    private final Set<ObjectFile> known = new HashSet<>();
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
            if (closed || known.contains(file)) {
                return;
            }
            if (waiting.size() < filesMax) {
                known.add(file);
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
        Optional<ObjectFile> next = closed ? Optional.empty() : Optional.of(waiting.remove());
        next.ifPresent(known::remove);
        return next;
    }

    synchronized void close() {
        closed = true;
        waiting.clear();
        known.clear();
        notifyAll();
    }
}
