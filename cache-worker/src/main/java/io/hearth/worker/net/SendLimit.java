package io.hearth.worker.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.LongSupplier;

/**
 * How many bytes a second all readers on other nodes get together: a token bucket that may be overdrawn by what is sent
 * in one piece, at most a chunk, and is then waited for. Readers on this node are not counted. Thread-safe; never
 * blocks.
 */
public final class SendLimit {
    private static final long NANOS = 1_000_000_000L;
    /** Of the rate, so that a pause of the event loop loses nothing. */
    private static final double BURST_SECONDS = 0.1;
    /** A waiting connection looks again at least this often: the limit may end meanwhile. */
    private static final long WAIT_NANOS_MAX = NANOS / 4;

    private static final long WAIT_NANOS_MIN = NANOS / 1000;

    private final LongSupplier nanoClock;
    private final boolean countsThisNode;
    private long rateBytes;
    private double tokens;
    private long filledAtNanos;
    private volatile boolean limited;

    /** Without a limit at first. */
    public SendLimit(LongSupplier nanoClock) {
        this(nanoClock, false);
    }

    /** @param countsThisNode whether readers on this node are limited too */
    public SendLimit(LongSupplier nanoClock, boolean countsThisNode) {
        this.nanoClock = nanoClock;
        this.countsThisNode = countsThisNode;
    }

    /** Whether a reader is one of those that the limit is for. */
    boolean counts(SocketAddress reader, SocketAddress here) {
        if (countsThisNode) {
            return true;
        }
        if (!(reader instanceof InetSocketAddress remote) || !(here instanceof InetSocketAddress local)) {
            return false;
        }
        InetAddress from = remote.getAddress();
        return !from.isLoopbackAddress() && !from.equals(local.getAddress());
    }

    /** @param bytesPerSecond above 0; 0 for no limit */
    public synchronized void limit(long bytesPerSecond) {
        if (bytesPerSecond == rateBytes) {
            return;
        }
        rateBytes = bytesPerSecond;
        limited = bytesPerSecond > 0;
        tokens = bytesPerSecond * BURST_SECONDS;
        filledAtNanos = nanoClock.getAsLong();
    }

    /** Whether a limit holds now. */
    public boolean limited() {
        return limited;
    }

    /** How long to wait before the next bytes are sent; 0 to send now. */
    long waitNanos() {
        if (!limited) {
            return 0;
        }
        synchronized (this) {
            fill();
            if (tokens >= 0 || rateBytes == 0) {
                return 0;
            }
            long nanos = (long) (-tokens / rateBytes * NANOS) + 1;
            return Math.max(WAIT_NANOS_MIN, Math.min(WAIT_NANOS_MAX, nanos));
        }
    }

    /** Counts bytes that are being sent. */
    void sent(long bytes) {
        if (limited) {
            synchronized (this) {
                fill();
                tokens -= bytes;
            }
        }
    }

    private void fill() {
        long now = nanoClock.getAsLong();
        double passedSeconds = (now - filledAtNanos) / (double) NANOS;
        tokens = Math.min(rateBytes * BURST_SECONDS, tokens + passedSeconds * rateBytes);
        filledAtNanos = now;
    }
}
