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
 * descriptors is capped at a share of each memory tier's quota, because nobody can take it back before its holders let go: a
 * smaller share for the kernel, whose applications hold what they mapped, than for readers, who let go when they are asked to. A
 * tier that is giving memory back hands out nothing. Thread-safe.
 */
public final class DescriptorGrants {
    private final TierStore store;
    private final int kernelPercent;
    private final int readersPercent;
    private final Map<ObjectFile, Holders> granted = new HashMap<>();

    private enum Holder {
        KERNEL,
        READER
    }

    private record Holders(int kernel, int readers) {
        Holders plus(Holder one, int more) {
            return one == Holder.KERNEL ? new Holders(kernel + more, readers) : new Holders(kernel, readers + more);
        }

        boolean none() {
            return kernel == 0 && readers == 0;
        }
    }

    /**
     * @param kernelPercent of a memory tier's quota that may lie under whole files that were handed out, 0 to 100
     * @param readersPercent the same for all that was handed out, readers' files as well
     */
    public DescriptorGrants(TierStore store, int kernelPercent, int readersPercent) {
        this.store = store;
        this.kernelPercent = kernelPercent;
        this.readersPercent = readersPercent;
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
            if (right && take(file, Holder.KERNEL)) {
                kept = sealed(file, Holder.KERNEL);
            }
            return kept ? Optional.of(new Grant(file, Holder.KERNEL)) : Optional.empty();
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
            kept = take(file, Holder.READER) && sealed(file, Holder.READER);
            return kept ? Optional.of(new Grant(file, Holder.READER)) : Optional.empty();
        } finally {
            if (!kept) {
                file.release();
            }
        }
    }

    /** Sealed before anybody sees the grant; one that went bad or was dropped meanwhile is given back. */
    private boolean sealed(ObjectFile file, Holder holder) {
        boolean good = false;
        try {
            file.seal();
            good = (holder == Holder.READER || file.whole())
                    && !file.condemned()
                    && store.find(file.id()).filter(file::equals).isPresent();
            return good;
        } finally {
            if (!good) {
                give(file, holder);
            }
        }
    }

    private synchronized boolean take(ObjectFile file, Holder holder) {
        Tier tier = file.tier();
        boolean yields = tier.quotaBytes() < tier.spec().quotaBytes();
        boolean fits = !yields && (tier.spec().medium() != Medium.MEM || withinShare(file, holder));
        if (fits) {
            granted.put(file, holders(file).plus(holder, 1));
        }
        return fits;
    }

    private boolean withinShare(ObjectFile file, Holder holder) {
        boolean kernel = holder == Holder.KERNEL;
        if (kernel ? holders(file).kernel() > 0 : granted.containsKey(file)) {
            return true;
        }
        long most = file.tier().spec().quotaBytes() * (kernel ? kernelPercent : readersPercent) / 100;
        return bytes(file.tier(), kernel) + bytes(file) <= most;
    }

    private Holders holders(ObjectFile file) {
        return granted.getOrDefault(file, new Holders(0, 0));
    }

    private synchronized void give(ObjectFile file, Holder holder) {
        granted.computeIfPresent(file, (same, holders) -> {
            Holders left = holders.plus(holder, -1);
            return left.none() ? null : left;
        });
    }

    /** Bytes under descriptors, each file once, unlinked ones too. */
    public synchronized long bytes() {
        return granted.keySet().stream().mapToLong(DescriptorGrants::bytes).sum();
    }

    /** What the file may come to take while it is out: one that lost blocks is charged for less, and may be filled again. */
    private static long bytes(ObjectFile file) {
        return file.layout().sizeBytes();
    }

    private long bytes(Tier tier, boolean kernelOnly) {
        return granted.entrySet().stream()
                .filter(one -> one.getKey().tier().equals(tier))
                .filter(one -> !kernelOnly || one.getValue().kernel() > 0)
                .mapToLong(one -> bytes(one.getKey()))
                .sum();
    }

    /**
     * One descriptor that may be out. Keeps the file's bytes: evicted, they count as zombie bytes of its tier until the last
     * grant is closed.
     */
    public final class Grant implements AutoCloseable {
        private final ObjectFile file;
        private final Holder holder;
        private boolean kernelToo;
        private boolean closed;

        private Grant(ObjectFile file, Holder holder) {
            this.file = file;
            this.holder = holder;
        }

        public ObjectFile file() {
            return file;
        }

        /**
         * Leave for a reader to have the kernel keep the file, which is sealed since it was handed out; once more is no error.
         *
         * @return false if the file is not whole and verified in this life, or would exceed the share: ask again later
         */
        public boolean forKernel() {
            synchronized (this) {
                if (holder == Holder.READER && !kernelToo && !closed) {
                    kernelToo = file.wholeAndReady() && take(file, Holder.KERNEL);
                }
                return !closed && (holder == Holder.KERNEL || kernelToo);
            }
        }

        /** The holder has let go; once more is no error. */
        @Override
        public void close() {
            boolean both;
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
                both = kernelToo;
            }
            if (both) {
                give(file, Holder.KERNEL);
            }
            give(file, holder);
            file.release();
        }
    }
}
