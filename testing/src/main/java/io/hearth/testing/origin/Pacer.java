package io.hearth.testing.origin;

import java.util.ArrayList;
import java.util.List;

/**
 * Hands out bytes to transfers: each up to its connection's rate, all up to the total, what one leaves to the others
 * (max-min fairness). Used by one event loop alone.
 */
final class Pacer {
    /**
     * What may be saved up while nobody takes it: two ticks, so that a late tick costs no rate and a pause gives no
     * burst.
     */
    private static final double SAVED_SECONDS_MAX = 0.02;

    private final long totalBytesPerS;
    private final List<Transfer> running = new ArrayList<>();
    private double total;

    /** A transfer under way. */
    interface Transfer {
        /** Its connection's rate. */
        long bytesPerS();

        /** Bytes it may and can send now, at most {@code allowed}. */
        int ready(int allowed);

        /** Sends so many bytes, as {@link #ready} said it can. Gives whether that was the last. */
        boolean send(int bytes);

        /** Whether its connection is gone. */
        boolean gone();

        /** What its connection may send by now. */
        Allowance allowance();
    }

    /** Bytes saved up by one connection. */
    static final class Allowance {
        private double bytes;
    }

    Pacer(long totalBytesPerS) {
        this.totalBytesPerS = totalBytesPerS;
    }

    void add(Transfer transfer) {
        transfer.allowance().bytes = 0;
        running.add(transfer);
    }

    void tick(double seconds) {
        total = Math.min(total + totalBytesPerS * seconds, totalBytesPerS * Math.max(seconds, SAVED_SECONDS_MAX));
        running.removeIf(Transfer::gone);
        for (Transfer transfer : running) {
            Allowance saved = transfer.allowance();
            double most = transfer.bytesPerS() * Math.max(seconds, SAVED_SECONDS_MAX);
            saved.bytes = Math.min(saved.bytes + transfer.bytesPerS() * seconds, most);
        }
        List<Transfer> hungry = new ArrayList<>(running);
        hungry.removeIf(transfer -> capacity(transfer) == 0);
        hungry.sort((one, other) -> Integer.compare(capacity(one), capacity(other)));
        for (int left = hungry.size(); left > 0; left--) {
            Transfer transfer = hungry.get(hungry.size() - left);
            int bytes = (int) Math.min(capacity(transfer), total / left);
            if (bytes > 0) {
                transfer.allowance().bytes -= bytes;
                total -= bytes;
                if (transfer.send(bytes)) {
                    running.remove(transfer);
                }
            }
        }
    }

    private static int capacity(Transfer transfer) {
        return transfer.ready((int) Math.min(Integer.MAX_VALUE, transfer.allowance().bytes));
    }
}
