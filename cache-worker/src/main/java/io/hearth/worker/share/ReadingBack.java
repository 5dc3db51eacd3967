package io.hearth.worker.share;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.worker.tier.Lease;
import io.hearth.worker.tier.ObjectFile;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads every wanted chunk of a share's items from its file again and compares it with its checksum. What is not there
 * is passed over: the index says so by itself. {@link #cancel} is thread-safe.
 */
final class ReadingBack implements StepPump.Steps {
    private final ShareTools tools;
    private final List<ShareItem> items;
    private final Runnable end;
    private int item;
    private int chunk;
    private volatile boolean cancelled;

    ReadingBack(ShareTools tools, List<ShareItem> items, Runnable end) {
        this.tools = tools;
        this.items = items;
        this.end = end;
        items.forEach(each -> each.lease().ifPresent(Lease::startOver));
    }

    @Override
    public Optional<CompletableFuture<?>> next() {
        while (!cancelled && item < items.size()) {
            ShareItem from = items.get(item);
            Optional<Lease> lease = from.lease()
                    .filter(held ->
                            from.file(tools.store()).filter(held.file()::equals).isPresent());
            long wanted = from.wantedChunks().nextValue(chunk);
            if (wanted < 0 || lease.isEmpty()) {
                item++;
                chunk = 0;
                continue;
            }
            chunk = (int) wanted + 1;
            if (lease.get().file().has((int) wanted)) {
                return Optional.of(readBack(from, lease.get(), (int) wanted));
            }
        }
        return Optional.empty();
    }

    private CompletableFuture<Void> readBack(ShareItem from, Lease lease, int number) {
        return tools.patiently(() -> tools.disk().call(() -> compare(from, lease, number)))
                .exceptionally(failure -> {
                    from.failed(HearthException.of(failure));
                    return null;
                });
    }

    private Void compare(ShareItem from, Lease lease, int number) {
        ObjectFile file = lease.file();
        if (cancelled || !tools.store().hold(file)) {
            return null;
        }
        try {
            boolean here = file.has(number);
            if (lease.recheck(number, tools.disk().scratch())) {
                tools.metrics().shareVerified(file.layout().length(number));
            } else if (here) {
                tools.metrics().shareMismatch();
                from.failed(new HearthException(
                        FailureKind.CORRUPT,
                        "chunk " + number + " of " + from.object().key()
                                + " read back with another checksum than it was written with, and was dropped"));
            }
            tools.store().renew(file);
            return null;
        } finally {
            file.release();
        }
    }

    /** A file that was just filled may be found wrong as a whole yet: nobody is told before that is known. */
    @Override
    public void done() {
        CompletableFuture<?>[] comparisons = items.stream()
                .flatMap(each -> each.file(tools.store()).stream())
                .map(tools.compared())
                .toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(comparisons).whenComplete((nothing, failure) -> end.run());
    }

    void cancel() {
        cancelled = true;
    }
}
