package io.hearth.worker.share;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.RequestContext;
import io.hearth.worker.tier.ObjectFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Makes every wanted block of a share's items ready, item after item. A block that fails is named and the others go on;
 * an item whose object nobody can give is not tried further. {@link #cancel} and {@link #inFlightBytes} are
 * thread-safe.
 */
final class Filling implements StepPump.Steps {
    private final ShareTools tools;
    private final RequestContext context;
    private final List<ShareItem> items;
    private final Runnable end;
    private final Map<Block, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();
    private int item;
    private int chunk;
    private volatile boolean cancelled;

    private record Block(ShareItem item, ObjectFile file, int number) {
        /** Every chunk of it is wanted. */
        IntStream chunks() {
            int first = number * Geometry.CHUNKS_PER_BLOCK;
            return IntStream.range(
                    first,
                    Math.min(first + Geometry.CHUNKS_PER_BLOCK, file.layout().chunks()));
        }
    }

    Filling(ShareTools tools, RequestContext context, List<ShareItem> items, Runnable end) {
        this.tools = tools;
        this.context = context;
        this.items = items;
        this.end = end;
    }

    @Override
    public Optional<CompletableFuture<?>> next() {
        while (!cancelled && item < items.size()) {
            Optional<Block> block = block(items.get(item));
            if (block.isEmpty()) {
                item++;
                chunk = 0;
            } else if (!block.get().chunks().allMatch(block.get().file()::ready)) {
                return Optional.of(fill(block.get()));
            }
        }
        return Optional.empty();
    }

    /** The next block of the item; empty if there is none, or none worth trying. */
    private Optional<Block> block(ShareItem from) {
        long wanted = from.wantedChunks().nextValue(chunk);
        if (wanted < 0 || stopped(from)) {
            return Optional.empty();
        }
        Optional<ObjectFile> file = from.file(tools.store());
        if (file.isEmpty()) {
            from.failed(evicted(from));
            return Optional.empty();
        }
        int number = (int) wanted / Geometry.CHUNKS_PER_BLOCK;
        chunk = (number + 1) * Geometry.CHUNKS_PER_BLOCK;
        return Optional.of(new Block(from, file.get(), number));
    }

    private static boolean stopped(ShareItem item) {
        return item.failure()
                .filter(why -> why.kind().action() == FailureKind.Action.STOP)
                .isPresent();
    }

    private static HearthException evicted(ShareItem item) {
        return new HearthException(
                FailureKind.UNAVAILABLE, item.object().key() + " was evicted while it was loaded: load it again");
    }

    private CompletableFuture<Void> fill(Block block) {
        return tools.patiently(() -> attempt(block)).handle((nothing, failure) -> {
            if (failure != null && !cancelled) {
                block.item().failed(HearthException.of(failure));
            } else if (!cancelled && block.item().file(tools.store()).isEmpty()) {
                block.item().failed(evicted(block.item()));
            }
            return null;
        });
    }

    private CompletableFuture<Void> attempt(Block block) {
        return tools.hold(block.file()).thenCompose(held -> {
            if (!held) {
                return CompletableFuture.failedFuture(evicted(block.item()));
            }
            CompletableFuture<Void> warm = tools.fills().warm(context, block.file(), block.number());
            underWay.put(block, warm);
            if (cancelled) {
                warm.cancel(false);
            }
            return warm.whenComplete((nothing, failure) -> {
                underWay.remove(block);
                block.file().release();
            });
        });
    }

    @Override
    public void done() {
        end.run();
    }

    /** Begins no more, and gives up transfers that nobody else waits for. */
    void cancel() {
        cancelled = true;
        List.copyOf(underWay.values()).forEach(warm -> warm.cancel(false));
    }

    /** Bytes of blocks under way that are not ready yet. */
    long inFlightBytes() {
        return underWay.keySet().stream()
                .flatMapToLong(block -> block.chunks()
                        .filter(number -> !block.file().ready(number))
                        .mapToLong(number -> block.file().layout().length(number)))
                .sum();
    }
}
