package io.hearth.worker.integrity;

import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.Tier;
import io.hearth.worker.tier.TierStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Says which files may be handed out as descriptors, and accounts for those that are. A file is sealed before it is
 * handed out, to the kernel whole and verified in this life, to a reader that is told which ranges it may read as it
 * stands. Memory under descriptors is capped at a share of each memory tier's quota, because nobody can take it back
 * before its holders let go: a smaller share for the kernel, whose applications hold what they mapped, than for
 * readers, who let go when they are asked to. A tier that is giving memory back hands out nothing. Thread-safe.
 */
public final class DescriptorGrants {
    private final TierStore store;
    private final int kernelPercent;
    private final int readersPercent;
    private final Consumer<ObjectFile> unverified;
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
     * @param unverified takes files that lack only verification to be the kernel's; must not block
     */
    public DescriptorGrants(TierStore store, int kernelPercent, int readersPercent, Consumer<ObjectFile> unverified) {
        this.unverified = unverified;
        this.store = store;
        this.kernelPercent = kernelPercent;
        this.readersPercent = readersPercent;
    }

    /**
     * Leave to hand out a read-only descriptor of the file as it stands, to a reader that reads only what it is told is
     * ready. Blocks.
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
            kept = take(file, Holder.READER) && sealed(file);
            return kept ? Optional.of(new Grant(file)) : Optional.empty();
        } finally {
            if (!kept) {
                file.release();
            }
        }
    }

    /** Sealed before anybody sees the grant; one that went bad or was dropped meanwhile is given back. */
    private boolean sealed(ObjectFile file) {
        boolean good = false;
        try {
            file.seal();
            good = !file.condemned()
                    && store.find(file.id()).filter(file::equals).isPresent();
            return good;
        } finally {
            if (!good) {
                give(file, Holder.READER);
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

    /**
     * What the file may come to take while it is out: one that lost blocks is charged for less, and may be filled
     * again.
     */
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
     * One descriptor that may be out. Keeps the file's bytes: evicted, they count as zombie bytes of its tier until the
     * last grant is closed.
     */
    public final class Grant implements AutoCloseable {
        private final ObjectFile file;
        private boolean kernelToo;
        private boolean closed;

        private Grant(ObjectFile file) {
            this.file = file;
        }

        public ObjectFile file() {
            return file;
        }

        /**
         * Leave for a reader to have the kernel keep the file, which is sealed since it was handed out; once more is no
         * error. A file of an earlier life is given to be verified.
         *
         * @return false if the file is not whole and verified in this life, or would exceed the share: ask again later
         */
        public boolean forKernel() {
            synchronized (this) {
                if (!kernelToo && !closed) {
                    kernelToo = ready() && take(file, Holder.KERNEL);
                }
                return !closed && kernelToo;
            }
        }

        private boolean ready() {
            boolean ready = file.wholeAndReady();
            if (!ready && file.whole() && !file.condemned()) {
                unverified.accept(file);
            }
            return ready;
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
            give(file, Holder.READER);
            file.release();
        }
    }
}
