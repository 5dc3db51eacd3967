package io.hearth.objectstore.engine;

import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.Validator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An object read by the engine in virtual time: all of it wanted at once, or by a reader in order who hints ahead. */
final class SimulatedRead {
    private static final int MIB = 1 << 20;
    private static final int BLOCK_BYTES = 8 * MIB;
    private static final Validator VALIDATOR = new Validator.StrongEtag("\"one\"");
    private static final OriginSpec ORIGIN = new OriginSpec("b", "", Optional.empty(), Optional.empty(), true);

    private final VirtualTime time = new VirtualTime();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SimulatedStore.Limits limits;
    private final SimulatedStore store;
    private final RangeFetch ranges;
    private final long sizeBytes;
    private final long windowBytes;
    private final List<Double> rangeSeconds = new ArrayList<>();
    private final BitSet chunks = new BitSet();
    private long askedBytes;

    private SimulatedRead(
            OriginSettings settings, SimulatedStore.Limits limits, long sizeBytes, long windowBytes, long seed) {
        this.limits = limits;
        this.sizeBytes = sizeBytes;
        this.windowBytes = windowBytes;
        this.store = new SimulatedStore(time, limits, seed);
        this.ranges = new RangeFetch(settings, new OriginMetrics(meters), new Random(seed), time, time::nanos);
    }

    static SimulatedRead load(SimulatedStore.Limits limits, int mib, long seed) {
        return load(OriginSettings.defaults(), limits, mib, seed);
    }

    static SimulatedRead load(OriginSettings settings, SimulatedStore.Limits limits, int mib, long seed) {
        SimulatedRead read = new SimulatedRead(settings, limits, (long) mib * MIB, Long.MAX_VALUE, seed);
        read.ask(Long.MAX_VALUE);
        return read.run();
    }

    /** As a mount's stream: 16 times what was read is hinted, and 16, 32 and 64 MiB while the first bytes are late. */
    static SimulatedRead inOrder(SimulatedStore.Limits limits, int mib, int windowMib, long seed) {
        SimulatedRead read =
                new SimulatedRead(OriginSettings.defaults(), limits, (long) mib * MIB, (long) windowMib * MIB, seed);
        read.ask(BLOCK_BYTES);
        for (int step = 1; step <= 3; step++) {
            long reach = BLOCK_BYTES + ((long) BLOCK_BYTES << step);
            read.time.schedule(() -> read.ask(read.chunks.get(0) ? 0 : reach), 100L * step, TimeUnit.MILLISECONDS);
        }
        return read.run();
    }

    private SimulatedRead run() {
        boolean more = true;
        while (more && chunks.cardinality() < sizeBytes / MIB) {
            more = time.step();
        }
        Collections.sort(rangeSeconds);
        return this;
    }

    private void ask(long toBytes) {
        for (long end = Math.min(sizeBytes, toBytes); askedBytes < end; askedBytes += BLOCK_BYTES) {
            block(askedBytes, (int) Math.min(BLOCK_BYTES, sizeBytes - askedBytes));
        }
    }

    private void block(long offset, int length) {
        OriginLane lane = ranges.lane(ORIGIN, "dataset", "key", new Claim(Urgency.LOAD));
        ranges.inPieces(lane, VALIDATOR, sizeBytes, offset, length, (turn, from, count) -> {
            double began = time.seconds();
            RangeRequest request = new RangeRequest("key", VALIDATOR, sizeBytes, from, count);
            return ranges.fetch(lane, turn, store, request, sink(from))
                    .whenComplete((nothing, failure) -> rangeSeconds.add(time.seconds() - began));
        });
    }

    private RangeSink sink(long from) {
        long[] at = {from};
        return bytes -> {
            long before = at[0] / MIB;
            at[0] += bytes.remaining();
            chunks.set((int) before, (int) (at[0] / MIB));
            long readBytes = (long) chunks.nextClearBit(0) * MIB;
            ask(windowBytes == Long.MAX_VALUE ? 0 : readBytes + Math.min(windowBytes, 16 * readBytes));
            return CompletableFuture.completedFuture(null);
        };
    }

    double fractionOfCap() {
        return sizeBytes / time.seconds() / limits.totalBytesPerS();
    }

    /** How much longer the slowest hundredth of ranges took than half of them. */
    double p99OverP50() {
        return quantile(0.99) / quantile(0.5);
    }

    private double quantile(double share) {
        return rangeSeconds.get((int) Math.min(rangeSeconds.size() - 1, Math.floor(share * rangeSeconds.size())));
    }

    double extraBytesFraction() {
        return (double) (store.bytes() - sizeBytes) / sizeBytes;
    }

    long refusals() {
        return store.refusals();
    }

    long abandoned() {
        return (long) meters.get("hearth.origin.abandoned").counter().count();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.3f of the cap, %d ranges: median %.2f s, p99 %.2f s; %d gets, %.4f extra, %d refused, %d abandoned",
                fractionOfCap(),
                rangeSeconds.size(),
                quantile(0.5),
                quantile(0.99),
                store.gets(),
                extraBytesFraction(),
                refusals(),
                abandoned());
    }
}
