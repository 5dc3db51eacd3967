package io.hearth.worker.share;

import io.hearth.worker.tier.Lease;
import io.hearth.worker.tier.TierStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases of shares of an earlier life: what of their objects is still here stays, until a master gives the share again,
 * or ends it, or their time is over. Thread-safe; blocks for the files of {@link LeaseBook}.
 */
public final class KeptLeases {
    private static final Logger LOG = LoggerFactory.getLogger(KeptLeases.class);

    private final LeaseBook book;
    private final Map<String, List<Lease>> leases = new HashMap<>();

    /**
     * Takes the leases again. To be called before anything can evict.
     *
     * @param directory of the book, made where it is missing
     * @throws io.hearth.protocol.HearthException in one line, if the directory cannot be used
     */
    public KeptLeases(Path directory, TierStore store) {
        this.book = new LeaseBook(directory);
        book.read().forEach((share, entry) -> {
            List<Lease> taken = new ArrayList<>();
            entry.objects().forEach(id -> store.leaseWhatIsHere(id).ifPresent(taken::add));
            leases.put(share, taken);
            LOG.info(
                    "{} of {} objects that life {} leased for the share {} are here and stay",
                    taken.size(),
                    entry.objects().size(),
                    entry.incarnation(),
                    share);
        });
    }

    LeaseBook book() {
        return book;
    }

    /** How many shares have leases of an earlier life. */
    synchronized int size() {
        return leases.size();
    }

    /** The share is there again, with leases of its own: the book is its now. */
    synchronized void replaced(String share) {
        close(leases.remove(share));
    }

    /** Ends the leases of one share, known or not. */
    synchronized void end(String share) {
        replaced(share);
        book.remove(share);
    }

    /** Ends all. */
    synchronized void endAll() {
        List.copyOf(leases.keySet()).forEach(this::end);
    }

    private static void close(List<Lease> ending) {
        if (ending != null) {
            ending.forEach(Lease::close);
        }
    }
}
