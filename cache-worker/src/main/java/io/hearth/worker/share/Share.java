package io.hearth.worker.share;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.LoadShare.Stage;
import io.hearth.protocol.wire.ResidencyReport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.roaringbitmap.RoaringBitmap;

/**
 * One share: its stage, and what it has under way. Each stage is begun by a command or by the end of the one before; a
 * failure ends no stage but names its item. Thread-safe; only {@link #reserve} and {@link #end} block.
 */
public final class Share {
    /** One master asks; more than a few who wait for the same share are a mistake, and are answered at once. */
    private static final int WAITERS_MAX = 64;

    private final ShareTools tools;
    private final String id;
    private final RequestContext context;
    private final List<ShareItem> items;
    private final Set<CompletableFuture<Void>> waiters = new HashSet<>();
    private Stage stage = Stage.RESERVING;
    private Optional<String> message = Optional.empty();
    private Optional<Filling> filling = Optional.empty();
    private Optional<ReadingBack> readingBack = Optional.empty();
    private boolean ended;

    Share(ShareTools tools, String id, ShareOrder order) {
        this.tools = tools;
        this.id = id;
        this.context = new RequestContext("", order.dataset(), 0);
        this.items = order.items().stream().map(ShareItem::new).toList();
    }

    int itemCount() {
        return items.size();
    }

    /**
     * Leases a file for every item, all or nothing, and durably. Blocks: about 100 microseconds for each file that is
     * made.
     */
    void reserve() {
        Optional<String> refused;
        try {
            refused = ended() ? Optional.empty() : new Reservation(tools, items, context).take(this::ended);
            if (refused.isEmpty() && !ended()) {
                keep();
            }
        } catch (RuntimeException e) {
            refused = Optional.of(String.valueOf(HearthException.of(e).getMessage()));
        }
        if (refused.isPresent() || ended()) {
            items.forEach(item -> item.end(tools));
        }
        if (refused.isPresent()) {
            tools.leases().end(id);
            tools.metrics().shareRefused();
        }
        enter(refused.isPresent() ? Stage.REFUSED : Stage.RESERVED, refused);
    }

    /** The leases are on disk before anybody hears of them; those of an earlier life are not needed any more. */
    private void keep() {
        List<ObjectId> leased = items.stream()
                .filter(item -> item.lease().isPresent())
                .map(ShareItem::id)
                .toList();
        tools.leases().book().write(id, new LeaseBook.Entry(tools.incarnation(), leased));
        tools.leases().replaced(id);
    }

    /**
     * Begins to fill; nothing new where that was begun already.
     *
     * @throws HearthException {@link FailureKind#CONFLICT} before the reservation, after a refusal, and once verifying
     *     began
     */
    public void fill() {
        Filling begun;
        synchronized (this) {
            if (stage == Stage.FILLING || stage == Stage.FILLED) {
                return;
            }
            require(stage == Stage.RESERVED, "filled");
            begun = new Filling(tools, context, items, () -> enter(Stage.FILLED, Optional.empty()));
            filling = Optional.of(begun);
            enter(Stage.FILLING, Optional.empty());
        }
        tools.fillPump().add(begun);
    }

    /**
     * Begins to read everything back; nothing new while that runs.
     *
     * @throws HearthException {@link FailureKind#CONFLICT} before the share was filled
     */
    public void verify() {
        ReadingBack begun;
        synchronized (this) {
            if (stage == Stage.VERIFYING) {
                return;
            }
            require(stage == Stage.FILLED || stage == Stage.VERIFIED, "verified");
            begun = new ReadingBack(tools, items, () -> enter(Stage.VERIFIED, Optional.empty()));
            readingBack = Optional.of(begun);
            enter(Stage.VERIFYING, Optional.empty());
        }
        tools.readPump().add(begun);
    }

    private void require(boolean allowed, String what) {
        if (!allowed || ended) {
            throw new HearthException(
                    FailureKind.CONFLICT,
                    "the share " + id + " cannot be " + what + " now: it is "
                            + Json.mapper().convertValue(stage, String.class));
        }
    }

    private void enter(Stage next, Optional<String> why) {
        List<CompletableFuture<Void>> told;
        synchronized (this) {
            stage = next;
            message = why;
            told = List.copyOf(waiters);
            waiters.clear();
        }
        told.forEach(waiter -> waiter.complete(null));
    }

    /** Done when the stage is another one than {@code after}, when the share has ended, or after {@code waitMs}. */
    public CompletableFuture<Void> changed(Stage after, int waitMs) {
        CompletableFuture<Void> waiter = new CompletableFuture<>();
        synchronized (this) {
            if (stage != after || ended || waitMs == 0 || waiters.size() >= WAITERS_MAX) {
                return CompletableFuture.completedFuture(null);
            }
            waiters.add(waiter);
        }
        return waiter.completeOnTimeout(null, waitMs, TimeUnit.MILLISECONDS)
                .whenComplete((nothing, failure) -> forget(waiter));
    }

    private synchronized void forget(CompletableFuture<Void> waiter) {
        waiters.remove(waiter);
    }

    private synchronized boolean ended() {
        return ended;
    }

    /** Begins nothing more, gives up what nobody else waits for, and wakes who waits. */
    void cancel() {
        Stage last;
        Optional<String> why;
        Optional<Filling> fills;
        Optional<ReadingBack> reads;
        synchronized (this) {
            ended = true;
            last = stage;
            why = message;
            fills = filling;
            reads = readingBack;
        }
        fills.ifPresent(Filling::cancel);
        reads.ifPresent(ReadingBack::cancel);
        enter(last, why);
    }

    /** Ends the leases; files that got no byte go. Blocks. After {@link #cancel}, by the thread that reserves. */
    void end() {
        items.forEach(item -> item.end(tools));
    }

    /** The share as it stands in the index now. Counts all items: some milliseconds for the most a share can have. */
    public LoadShare.Status status() {
        Stage now;
        Optional<String> why;
        Optional<Filling> running;
        synchronized (this) {
            now = stage;
            why = message;
            running = filling;
        }
        long total = 0;
        long residentBytes = 0;
        long verifiedBytes = 0;
        long originBytes = 0;
        RoaringBitmap resident = new RoaringBitmap();
        RoaringBitmap verified = new RoaringBitmap();
        List<LoadShare.Failure> failures = new ArrayList<>();
        for (int position = 0; position < items.size(); position++) {
            ShareItem item = items.get(position);
            ShareItem.Standing standing = item.standing(tools.store());
            total += item.wantedBytes();
            residentBytes += standing.bytes().readyBytes();
            verifiedBytes += standing.bytes().readBackBytes();
            originBytes += standing.bytes().newcomerBytes();
            if (standing.resident()) {
                resident.add(position);
            }
            if (standing.verified()) {
                verified.add(position);
            }
            // What somebody else brought meanwhile has not failed, unless it could not be read back.
            if (!standing.resident() || now == Stage.VERIFIED && !standing.verified()) {
                int failed = position;
                item.failure()
                        .ifPresent(reason -> failures.add(new LoadShare.Failure(
                                failed, reason.kind().code(), String.valueOf(reason.getMessage()))));
            }
        }
        return new LoadShare.Status(
                tools.worker(),
                tools.incarnation(),
                now,
                why,
                total,
                residentBytes,
                verifiedBytes,
                running.map(Filling::inFlightBytes).orElse(0L),
                originBytes,
                bytes(resident),
                bytes(verified),
                failures);
    }

    private static byte[] bytes(RoaringBitmap positions) {
        positions.runOptimize();
        return ResidencyReport.bitmapBytes(positions);
    }
}
