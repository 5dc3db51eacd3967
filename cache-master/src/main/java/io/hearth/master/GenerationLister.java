package io.hearth.master;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.ListPage;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.GenerationBuilder;
import io.hearth.protocol.generation.GenerationBuilder.SegmentSink;
import io.hearth.protocol.settings.Durations;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lists the origins of a dataset. All mounts page at the same time; of each, the next page is asked for while the last
 * one is read. Blocks, within a bound.
 */
final class GenerationLister implements AutoCloseable {
    private static final int PAGE_KEYS = 1000;

    private final ObjectStoreFactory stores;
    private final CredentialReferences credentials;
    private final int keysMax;
    private final Duration timeout;
    private final Clock clock;

    /** Ends waits at shutdown without an interrupt, which the store below would not take well in mid-write. */
    private final CompletableFuture<ListPage> closing = new CompletableFuture<>();

    GenerationLister(
            ObjectStoreFactory stores, CredentialReferences credentials, MasterSettings settings, Clock clock) {
        this.stores = stores;
        this.credentials = credentials;
        this.keysMax = settings.listingKeysMax();
        this.timeout = settings.listingTimeout();
        this.clock = clock;
    }

    /** @param sink takes the segments of the listing, before this returns */
    Generation list(MountPlan plan, SegmentSink sink) {
        GenerationBuilder builder = new GenerationBuilder(
                plan.mounts().stream().map(PlannedMount::place).toList());
        List<Cursor> cursors = new ArrayList<>();
        try {
            for (int mount = 0; mount < plan.mounts().size(); mount++) {
                cursors.add(open(mount, plan.mounts().get(mount)));
            }
            drain(cursors, builder);
        } finally {
            cursors.forEach(cursor -> cursor.store.close());
        }
        return builder.build(sink);
    }

    boolean closed() {
        return closing.isDone();
    }

    /** Ends the listings under way. */
    @Override
    public void close() {
        closing.completeExceptionally(new HearthException(FailureKind.UNAVAILABLE, "the master is shutting down"));
    }

    private Cursor open(int mount, PlannedMount planned) {
        OriginAccess access = new OriginAccess(planned.origin(), credentials.resolve(planned.credentials()));
        Cursor cursor = new Cursor(mount, planned, stores.open(access));
        cursor.ask(Optional.empty());
        return cursor;
    }

    private void drain(List<Cursor> cursors, GenerationBuilder builder) {
        long deadlineMs = clock.millis() + timeout.toMillis();
        List<Cursor> active = new ArrayList<>(cursors);
        int keys = 0;
        while (!active.isEmpty()) {
            for (Cursor cursor : List.copyOf(active)) {
                ListPage page = cursor.await(deadlineMs - clock.millis());
                page.next().ifPresentOrElse(next -> cursor.ask(Optional.of(next)), () -> active.remove(cursor));
                keys += page.objects().size();
                if (keys > keysMax) {
                    throw new HearthException(
                            FailureKind.INVALID,
                            "the dataset has more than " + keysMax
                                    + " keys: choose narrower prefixes, or raise master.listing-keys-max");
                }
                cursor.give(page, builder);
            }
        }
    }

    private final class Cursor {
        private final int mount;
        private final PlannedMount planned;
        private final ObjectStore store;
        private CompletableFuture<ListPage> page;

        Cursor(int mount, PlannedMount planned, ObjectStore store) {
            this.mount = mount;
            this.planned = planned;
            this.store = store;
        }

        void ask(Optional<String> continuation) {
            page = store.list(planned.origin().prefix(), continuation, PAGE_KEYS);
        }

        ListPage await(long waitMs) {
            try {
                CompletableFuture.anyOf(page, closing).get(Math.max(0, waitMs), TimeUnit.MILLISECONDS);
                return page.join();
            } catch (ExecutionException | CompletionException e) {
                HearthException failure = HearthException.of(e);
                throw new HearthException(
                        failure.kind(), "listing " + planned.origin().uri() + ": " + failure.getMessage(), failure);
            } catch (TimeoutException e) {
                throw new HearthException(
                        FailureKind.TIMEOUT,
                        "listing " + planned.origin().uri() + " took longer than " + Durations.format(timeout)
                                + " (master.listing-timeout)",
                        e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HearthException(FailureKind.UNAVAILABLE, "the master is shutting down", e);
            }
        }

        void give(ListPage listed, GenerationBuilder builder) {
            int below = planned.origin().prefix().length();
            listed.objects()
                    .forEach(object -> builder.add(
                            mount,
                            object.key().substring(below),
                            object.sizeBytes(),
                            object.modifiedMs(),
                            object.validator()));
        }
    }
}
