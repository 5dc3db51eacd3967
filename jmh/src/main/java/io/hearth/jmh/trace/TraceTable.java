package io.hearth.jmh.trace;

import io.hearth.protocol.settings.DataSize;
import io.hearth.testing.trace.HitRatio;
import io.hearth.testing.trace.OfflineBound;
import io.hearth.testing.trace.Replay;
import io.hearth.testing.trace.Trace;
import io.hearth.testing.trace.Traces;
import io.hearth.worker.tier.EvictionChoice;
import java.io.PrintStream;
import java.util.Locale;

/** Prints the hit ratios of LRU, of S3-FIFO and of the offline bound, for each trace and several sizes of the cache. */
public final class TraceTable {
    private static final int ACCESSES = 400_000;
    private static final int GHOSTS_MAX = 131_072;
    private static final int[] PERCENTS = {5, 10, 20, 40};

    private final PrintStream out;

    TraceTable(PrintStream out) {
        this.out = out;
    }

    /** Arguments: the seed (default 1) and the accesses of each trace (default 400,000). */
    public static void main(String[] arguments) {
        long seed = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1;
        int accesses = arguments.length > 1 ? Integer.parseInt(arguments[1]) : ACCESSES;
        new TraceTable(System.out).print(seed, accesses);
    }

    void print(long seed, int accesses) {
        out.printf(
                Locale.ROOT, "seed %d, %d accesses; hit ratios in percent: of requests / of bytes%n%n", seed, accesses);
        out.println("| trace | footprint | cache | LRU | S3-FIFO | offline bound | S3-FIFO less LRU |");
        out.println("|---|---|---|---|---|---|---|");
        for (Trace trace : Traces.all(seed, accesses)) {
            for (int percent : PERCENTS) {
                row(trace, percent);
            }
        }
    }

    private void row(Trace trace, int percent) {
        long footprintBytes = trace.footprintBytes();
        long capacityBytes = footprintBytes / 100 * percent;
        HitRatio lru = Replay.of(trace, capacityBytes, new PolicyReplay(EvictionChoice.LRU.policy(GHOSTS_MAX)));
        HitRatio fifo = Replay.of(trace, capacityBytes, new PolicyReplay(EvictionChoice.S3_FIFO.policy(GHOSTS_MAX)));
        HitRatio bound = OfflineBound.of(trace, capacityBytes);
        out.printf(
                Locale.ROOT,
                "| %s | %s | %d %% | %s | %s | %s | %s |%n",
                trace.name(),
                DataSize.format(footprintBytes),
                percent,
                text("%.1f / %.1f", lru),
                text("%.1f / %.1f", fifo),
                text("%.1f / %.1f", bound),
                text(
                        "%+.1f / %+.1f",
                        new HitRatio(fifo.ofRequests() - lru.ofRequests(), fifo.ofBytes() - lru.ofBytes())));
    }

    private static String text(String format, HitRatio ratio) {
        return String.format(Locale.ROOT, format, 100 * ratio.ofRequests(), 100 * ratio.ofBytes());
    }
}
