package io.hearth.objectstore.engine;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.Validator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An origin in virtual time, with the limits that the bench's stub has: bytes flow in steps of 5 ms, shared fairly; a
 * connection is slow for as long as it lives, is used again, and ends with a request that is given up.
 */
final class SimulatedStore implements ObjectStore {
    private static final long STEP_MS = 5;

    private final VirtualTime time;
    private final Limits limits;
    private final Random random;
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final List<Transfer> running = new ArrayList<>();
    private boolean ticking;
    private long gets;
    private long bytes;
    private long refusals;
    private int underWay;

    /** Rates in bytes a second. */
    record Limits(
            double connectionBytesPerS,
            double totalBytesPerS,
            long firstByteMs,
            int requestsMax,
            double slowFraction,
            double slowFactor) {}

    private record Connection(double bytesPerS) {}

    SimulatedStore(VirtualTime time, Limits limits, long seed) {
        this.time = time;
        this.limits = limits;
        this.random = new Random(seed);
    }

    long gets() {
        return gets;
    }

    long bytes() {
        return bytes;
    }

    long refusals() {
        return refusals;
    }

    @Override
    public CompletableFuture<Void> get(RangeRequest range, RangeSink sink) {
        gets++;
        CompletableFuture<Void> result = new CompletableFuture<>();
        if (underWay >= limits.requestsMax()) {
            refusals++;
            time.schedule(
                    () -> result.completeExceptionally(new HearthException(FailureKind.OVERLOADED, "slow down")),
                    1,
                    TimeUnit.MILLISECONDS);
            return result;
        }
        underWay++;
        Connection connection = Optional.ofNullable(idle.pollLast()).orElseGet(this::connect);
        Transfer transfer = new Transfer(connection, sink, range.length(), result);
        time.schedule(() -> begin(transfer), limits.firstByteMs(), TimeUnit.MILLISECONDS);
        result.whenComplete((nothing, failure) -> transfer.end(false));
        return result;
    }

    private Connection connect() {
        boolean slow = random.nextDouble() < limits.slowFraction();
        return new Connection(limits.connectionBytesPerS() / (slow ? limits.slowFactor() : 1));
    }

    private void begin(Transfer transfer) {
        if (!transfer.result.isDone()) {
            running.add(transfer);
        }
        if (!ticking) {
            ticking = true;
            time.schedule(this::tick, STEP_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void tick() {
        double seconds = STEP_MS / 1e3;
        double total = limits.totalBytesPerS() * seconds;
        List<Transfer> hungry = new ArrayList<>(running);
        hungry.sort(Comparator.comparingDouble(one -> one.connection.bytesPerS()));
        for (int left = hungry.size(); left > 0; left--) {
            Transfer one = hungry.get(hungry.size() - left);
            double given = Math.min(one.connection.bytesPerS() * seconds, total / left);
            total -= given;
            one.saved += given;
        }
        hungry.forEach(Transfer::send);
        ticking = !running.isEmpty();
        if (ticking) {
            time.schedule(this::tick, STEP_MS, TimeUnit.MILLISECONDS);
        }
    }

    private final class Transfer {
        private final Connection connection;
        private final RangeSink sink;
        private final CompletableFuture<Void> result;
        private int left;
        private double saved;
        private boolean ended;

        Transfer(Connection connection, RangeSink sink, int left, CompletableFuture<Void> result) {
            this.connection = connection;
            this.sink = sink;
            this.left = left;
            this.result = result;
        }

        /** Before the result is known: who hears of it asks again at once. */
        void end(boolean well) {
            if (ended) {
                return;
            }
            ended = true;
            underWay--;
            running.remove(this);
            if (well) {
                idle.addLast(connection);
            }
        }

        void send() {
            int count = (int) Math.min(saved, left);
            if (result.isDone() || count == 0) {
                return;
            }
            saved -= count;
            left -= count;
            bytes += count;
            sink.accept(ByteBuffer.allocate(count)).whenComplete((nothing, failure) -> {
                if (failure == null && left == 0) {
                    end(true);
                    result.complete(null);
                }
            });
        }
    }

    @Override
    public CompletableFuture<ListPage> list(String prefix, Optional<String> continuation, int keysMax) {
        throw new UnsupportedOperationException("only ranges");
    }

    @Override
    public CompletableFuture<ListedObject> head(String key) {
        throw new UnsupportedOperationException("only ranges");
    }

    @Override
    public CompletableFuture<List<ObjectChecksum>> checksums(String key, Validator validator) {
        throw new UnsupportedOperationException("only ranges");
    }

    @Override
    public void close() {}
}
