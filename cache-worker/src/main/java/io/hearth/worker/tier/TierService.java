package io.hearth.worker.tier;

import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Takes the objects of a failed disk out of the index, tries the disk, and brings what it still holds back. One
 * thread's.
 */
final class TierService {
    private static final String PROBE = "probe";
    private static final byte[] PROBE_BYTES = new byte[4096];

    private final TierStore store;
    private final TierIo io;

    /** @param io whose failures do not count as the tier's */
    TierService(TierStore store, TierIo io) {
        this.store = store;
        this.io = io;
    }

    void look(Tier tier) {
        TierHealth health = tier.health();
        if (!health.out()) {
            return;
        }
        if (store.index().files(tier).findAny().isPresent()) {
            store.index().withdraw(tier);
        }
        // Whoever still writes to a file of before appends to its log: nobody else may, so it is not opened anew. A
        // copy on
        // its way here would be taken for one that a crash left, and dropped.
        if (health.probeDue() && tier.zombieBytes() == 0 && !tier.arriving()) {
            if (!probe(tier.spec().directory().resolve(PROBE)) || !broughtBack(tier)) {
                health.probeFailed();
            }
        }
    }

    private boolean broughtBack(Tier tier) {
        try {
            store.restore().bringBack(tier);
            return true;
        } catch (HearthException e) {
            tier.warn("a tier takes bytes again, but cannot be read", e);
            return false;
        }
    }

    private boolean probe(Path path) {
        try {
            io.delete(path);
            try (TierIo.Handle file = io.create(path)) {
                file.write(ByteBuffer.wrap(PROBE_BYTES), 0);
                file.channel().force(true);
                if (file.read(ByteBuffer.allocate(PROBE_BYTES.length), 0) != PROBE_BYTES.length) {
                    return false;
                }
            }
            io.delete(path);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
