package io.hearth.objectstore.engine;

import io.hearth.objectstore.OriginSettings;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast one origin answers and sends, as its latest requests showed, and what follows: how long a range to ask for, when a
 * first byte is late, which range is starved. Thread-safe.
 */
final class RangePace {
    private static final int MIB = 1 << 20;
    /**
     * Until rates are known. A stream is read ahead as far as 16 times what was read: its first block in eight pieces is there in
     * half a second at 2 MB/s a connection, and with it the whole window; in one piece after four.
     */
    private static final int FIRST_PIECE_BYTES = MIB;
    /** A piece takes about so long: the 0.1 s to its first byte is then a tenth. */
    private static final double PIECE_SECONDS = 1;
    /** Shorter times measure the socket's buffer. */
    private static final long RATE_NS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int RATES_MIN = 4;
    private static final int LATENCIES_MIN = 16;

    private final OriginSettings settings;
    private final RecentValues bytesPerS = new RecentValues(64);
    private final RecentValues firstByteNs = new RecentValues(256);
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong hedged = new AtomicLong();

    RangePace(OriginSettings settings) {
        this.settings = settings;
    }

    void received(int bytes) {
        received.addAndGet(bytes);
    }

    long receivedBytes() {
        return received.get();
    }

    void firstByte(long afterNs) {
        firstByteNs.add(afterNs);
    }

    /** A request under way. */
    void under(Progress progress) {
        if (progress.receivingNs() >= RATE_NS_MIN) {
            bytesPerS.add(progress.bytesPerS());
        }
    }

    /** A request that brought all its bytes. */
    void ended(Progress progress) {
        if (progress.receivingNs() >= RATE_NS_MIN || progress.bytes() >= MIB) {
            bytesPerS.add(Math.max(progress.bytes(), 1) * 1e9 / Math.max(progress.receivingNs(), 1));
        }
    }

    boolean starved(Progress progress) {
        return StarvedRanges.starved(progress, bytesPerS);
    }

    /** How much of so many bytes to ask for at once: all that a connection brings in about a second, in whole MiB. */
    int pieceBytes(int leftBytes) {
        double mebibytes = bytesPerS.quantile(0.5) * PIECE_SECONDS / MIB;
        long piece = bytesPerS.count() < RATES_MIN ? FIRST_PIECE_BYTES : Math.max(1, Math.round(mebibytes)) * MIB;
        return piece * 3 / 2 >= leftBytes ? leftBytes : (int) piece;
    }

    /** When a first byte is late; empty while too few are known. */
    OptionalLong hedgeAfterNs() {
        if (settings.hedgePercent() == 0 || firstByteNs.count() < LATENCIES_MIN) {
            return OptionalLong.empty();
        }
        double late = Math.max(firstByteNs.quantile(0.95), 2 * firstByteNs.quantile(0.5));
        return OptionalLong.of(Math.max((long) late, settings.hedgeAfterMin().toNanos()));
    }

    /** What a hedge may cost: the loser's bytes in the buffer, as nothing of it was taken. */
    int hedgeBytes(int length) {
        return (int) Math.min(length, settings.readBuffer().bytes());
    }

    /** Takes the cost of a hedge from the budget; false if it does not bear it. */
    boolean hedge(int length) {
        int cost = hedgeBytes(length);
        if ((hedged.get() + cost) * 100 > received.get() * settings.hedgePercent()) {
            return false;
        }
        hedged.addAndGet(cost);
        return true;
    }
}
