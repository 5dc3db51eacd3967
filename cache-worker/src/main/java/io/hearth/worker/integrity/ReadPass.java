package io.hearth.worker.integrity;

import io.hearth.objectstore.ObjectChecksum.Algorithm;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/** Digests of whole files, read from their tier at a bounded rate. One thread's. */
final class ReadPass {
    private static final int SCRATCH_BYTES = 256 << 10;

    private final TierStore store;
    private final Pace pace;
    private final Stop stop;
    private final IntegrityMetrics metrics;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);

    ReadPass(TierStore store, Pace pace, Stop stop, IntegrityMetrics metrics) {
        this.store = store;
        this.pace = pace;
        this.stop = stop;
        this.metrics = metrics;
    }

    /**
     * The digest of the file's bytes. Blocks. Empty if the file leaves its tier or a chunk of it, if one is found
     * rotten and dropped (the disk's fault then, not the origin's), or if the worker stops.
     */
    Optional<byte[]> digest(ObjectFile file, Algorithm algorithm) {
        WholeDigest digest = WholeDigest.of(algorithm);
        for (int chunk = 0; chunk < file.layout().chunks(); chunk++) {
            int length = file.layout().length(chunk);
            if (stop.within(pace.waitNanos(length)) || !store.hold(file)) {
                return Optional.empty();
            }
            try {
                if (!add(file, chunk, digest)) {
                    return Optional.empty();
                }
                metrics.reread(length);
            } finally {
                file.release();
            }
        }
        return Optional.of(digest.value().get());
    }

    private boolean add(ObjectFile file, int chunk, WholeDigest digest) {
        OptionalInt wanted = file.crc(chunk);
        if (wanted.isEmpty()) {
            return false;
        }
        CRC32C found = new CRC32C();
        long end = file.layout().offset(chunk) + file.layout().length(chunk);
        for (long at = file.layout().offset(chunk); at < end; at += scratch.limit()) {
            scratch.clear().limit((int) Math.min(SCRATCH_BYTES, end - at));
            file.read(at, scratch);
            found.update(scratch.flip());
            digest.update().accept(scratch.rewind());
        }
        if ((int) found.getValue() != wanted.getAsInt()) {
            file.recheck(chunk, scratch);
            store.renew(file);
            return false;
        }
        return true;
    }
}
