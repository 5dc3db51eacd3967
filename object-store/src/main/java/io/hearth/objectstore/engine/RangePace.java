package io.hearth.objectstore.engine;

import io.hearth.objectstore.OriginSettings;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast one origin answers and sends, as its latest requests showed, and what follows: how long a range to ask for,
 * and when a first byte is late. Thread-safe.
 */
final class RangePace {
    private static final int MIB = 1 << 20;
    /**
     * Until rates are known. A stream is read ahead as far as 16 times what was read: its first block in eight pieces
     * is there in half a second at 2 MB/s a connection, and with it the whole window; in one piece after four.
     */
    private static final int FIRST_PIECE_BYTES = MIB;
    /** A piece takes about so long: the 0.1 s to its first byte is then a tenth. */
    private static final double PIECE_SECONDS = 1;
    /** At the end of what is asked for a piece takes at least so long: the last ones run while connections lie idle. */
    private static final double LAST_PIECE_SECONDS = 0.25;
    /**
     * Pieces that are as long as those before take as long; a rate between two lengths would have them change to and
     * fro.
     */
    private static final double SAME_MIN = 0.65;

    private static final double SAME_MAX = 1.5;
    /** Shorter times measure the socket's buffer. */
    private static final long RATE_NS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int RATES_MIN = 4;
    private static final int LATENCIES_MIN = 16;

    private final OriginSettings settings;
    private final RecentValues bytesPerS = new RecentValues(64);
    private final RecentValues firstByteNs = new RecentValues(256);
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong hedged = new AtomicLong();
    private long pieceBytes = FIRST_PIECE_BYTES;

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

    /** Bytes a second of connections. */
    RecentValues rates() {
        return bytesPerS;
    }

    /** The usual time to a first byte; 0 while nothing is known. */
    long firstByteNs() {
        return (long) firstByteNs.quantile(0.5);
    }

    /**
     * How much of so many bytes to ask for at once, in whole MiB: all that a connection brings in about a second, less
     * where little is left to ask for.
     *
     * @param connectionBytesPerS what a connection may hope for; it may bring less by itself
     * @param waitingBytes that wait for a turn, these included
     * @param connections that will share them
     */
    synchronized int pieceBytes(int leftBytes, double connectionBytesPerS, long waitingBytes, int connections) {
        if (bytesPerS.count() >= RATES_MIN) {
            double rate = Math.min(bytesPerS.quantile(0.5), connectionBytesPerS);
            double ideal = rate * PIECE_SECONDS / pieceBytes;
            pieceBytes = ideal >= SAME_MIN && ideal < SAME_MAX ? pieceBytes : wholeMib(rate * PIECE_SECONDS);
            long fair = waitingBytes / (2L * connections);
            long last = wholeMib(Math.max(fair, rate * LAST_PIECE_SECONDS));
            return cut(Math.min(pieceBytes, last), leftBytes);
        }
        return cut(FIRST_PIECE_BYTES, leftBytes);
    }

    private static long wholeMib(double bytes) {
        return Math.max(1, Math.round(bytes / MIB)) * MIB;
    }

    private static int cut(long piece, int leftBytes) {
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
