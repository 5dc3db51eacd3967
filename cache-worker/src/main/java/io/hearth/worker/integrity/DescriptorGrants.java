package io.hearth.worker.integrity;

import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.Tier;
import io.hearth.worker.tier.TierStore;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Says which files may be handed out as descriptors, and accounts for those that are. A file is sealed before it is handed out,
 * to the kernel whole and verified in this life, to a reader that is told which ranges it may read as it stands. Memory under
 * descriptors is capped at a share of each memory tier's quota, because nobody can take it back before its holders let go; a
 * tier that is giving memory back hands out nothing. Thread-safe.
 */
public final class DescriptorGrants {
    private final TierStore store;
    private final int memoryPercent;
    private final Map<ObjectFile, Integer> granted = new HashMap<>();

    /** @param memoryPercent of a memory tier's quota that may lie under descriptors, 0 to 100 */
    public DescriptorGrants(TierStore store, int memoryPercent) {
        this.store = store;
        this.memoryPercent = memoryPercent;
    }

    /**
     * Leave to hand out a read-only descriptor of the file, until the grant is closed. Blocks: a file of an earlier life is read
     * once.
     *
     * @param scratch read into, of any size above 0
     * @return empty if the file is not whole and right, is gone, or would exceed the share: serve the reader by calls then
     * @throws io.hearth.protocol.HearthException if the file cannot be opened or sealed
     */
    public Optional<Grant> grant(ObjectFile file, ByteBuffer scratch) {
        if (!store.hold(file)) {
            return Optional.empty();
        }
        boolean kept = false;
        try {
            boolean right = file.verifyWhole(scratch);
            store.renew(file);
            if (right && take(file)) {
                kept = sealed(file, true);
            }
            return kept ? Optional.of(new Grant(file)) : Optional.empty();
        } finally {
            if (!kept) {
                file.release();
            }
        }
    }

    /**
     * Leave to hand out a read-only descriptor of the file as it stands, to a reader that reads only what it is told is ready.
     * Blocks.
     *
     * @return empty if the file is gone or bad, or would exceed the share: serve the reader by calls then
     * @throws io.hearth.protocol.HearthException if the file cannot be opened or sealed
     */
    public Optional<Grant> grantRanges(ObjectFile file) {
        if (!store.hold(file)) {
            return Optional.empty();
        }
        boolean kept = false;
        try {
            kept = take(file) && sealed(file, false);
            return kept ? Optional.of(new Grant(file)) : Optional.empty();
        } finally {
            if (!kept) {
                file.release();
            }
        }
    }

    /** Sealed before anybody sees the grant; one that went bad or was dropped meanwhile is given back. */
    private boolean sealed(ObjectFile file, boolean whole) {
        boolean good = false;
        try {
            file.seal();
            good = (!whole || file.whole())
                    && !file.condemned()
                    && store.find(file.id()).filter(file::equals).isPresent();
            return good;
        } finally {
            if (!good) {
                give(file);
            }
        }
    }

    private synchronized boolean take(ObjectFile file) {
        Tier tier = file.tier();
        long quotaBytes = tier.spec().quotaBytes();
        boolean yields = tier.quotaBytes() < quotaBytes;
        boolean fits = granted.containsKey(file)
                || tier.spec().medium() != Medium.MEM
                || bytes(tier) + bytes(file) <= quotaBytes * memoryPercent / 100;
        fits &= !yields;
        if (fits) {
            granted.merge(file, 1, Integer::sum);
        }
        return fits;
    }

    private synchronized void give(ObjectFile file) {
        granted.computeIfPresent(file, (same, count) -> count == 1 ? null : count - 1);
    }

    /** Bytes under descriptors, each file once, unlinked ones too. */
    public synchronized long bytes() {
        return granted.keySet().stream().mapToLong(DescriptorGrants::bytes).sum();
    }

    /** What the file may come to take while it is out: one that lost blocks is charged for less, and may be filled again. */
    private static long bytes(ObjectFile file) {
        return file.layout().sizeBytes();
    }

    private long bytes(Tier tier) {
        return granted.keySet().stream()
                .filter(file -> file.tier().equals(tier))
                .mapToLong(DescriptorGrants::bytes)
                .sum();
    }

    /**
     * One descriptor that may be out. Keeps the file's bytes: evicted, they count as zombie bytes of its tier until the last
     * grant is closed.
     */
    public final class Grant implements AutoCloseable {
        private final ObjectFile file;
        private boolean closed;

        private Grant(ObjectFile file) {
            this.file = file;
        }

        public ObjectFile file() {
            return file;
        }

        /** The holder has let go; once more is no error. */
        @Override
        public void close() {
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            give(file);
            file.release();
        }
    }
}
