package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.roaringbitmap.RoaringBitmap;

/** Makes files of objects, and finds those of an earlier life. */
final class ObjectFiles {
    private ObjectFiles() {}

    /**
     * Makes the two files; the result is held once. Blocks. Nothing is left behind by a failure.
     *
     * @param blocks for which there is room: the tier is charged with them
     * @param moves as {@link MetaFormat.Header} has them
     */
    static ObjectFile create(
            Tier tier, ObjectRef object, ObjectId id, String namespace, RoaringBitmap blocks, int moves) {
        int chunkBytes = tier.environment().chunkBytes();
        byte[] header = MetaFormat.header(namespace, object, chunkBytes, moves);
        ChunkLog log = new ChunkLog(MetaFormat.parse(ByteBuffer.wrap(header), chunkBytes));
        ObjectFile file = new ObjectFile(tier, id, log, states(log));
        try {
            tier.makeFolder(id);
            // What an unlink that failed has left.
            delete(tier, id);
            file.begin(make(tier, id, object.sizeBytes(), header), blocks);
        } catch (IOException e) {
            throw TierFailures.of(e, tier.dataPath(id));
        }
        return file;
    }

    private static FileHandles make(Tier tier, ObjectId id, long sizeBytes, byte[] header) throws IOException {
        TierIo io = tier.environment().io();
        TierIo.Handle data = io.create(tier.dataPath(id));
        try {
            data.resize(sizeBytes);
            TierIo.Handle meta = io.create(tier.metaPath(id));
            try {
                meta.write(ByteBuffer.wrap(header), 0);
                return new FileHandles(data, meta);
            } catch (IOException e) {
                meta.close();
                throw e;
            }
        } catch (IOException e) {
            try (data) {
                delete(tier, id);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    /** Metadata first: a crash in between leaves data without metadata, which start-up removes. */
    static void delete(Tier tier, ObjectId id) throws IOException {
        tier.environment().io().delete(tier.metaPath(id));
        tier.environment().io().delete(tier.dataPath(id));
    }

    /**
     * Reads header and records, by one read where {@code buffer} holds them all; cuts a torn tail; frees once more the
     * bytes of blocks that were evicted, as a crash may have come before that was done. Blocks. Not held, nothing left
     * open.
     *
     * @param logBytes size of the metadata file
     * @param buffer read into; of more than {@link MetaFormat#HEADER_BYTES_MAX} bytes
     * @throws HearthException {@link FailureKind#UNSUPPORTED_VERSION} or {@link FailureKind#CORRUPT}, as
     *     {@link MetaFormat#parse}
     */
    static ObjectFile load(Tier tier, ObjectId id, long logBytes, ByteBuffer buffer) {
        Path path = tier.metaPath(id);
        TierIo io = tier.environment().io();
        try {
            ObjectFile file;
            ChunkLog log;
            try (TierIo.Handle meta = io.openToRead(path)) {
                log = ChunkLog.read(meta, id, tier.environment().chunkBytes(), logBytes, buffer);
                ChunkStates states = states(log);
                file = new ObjectFile(tier, id, log, states);
                log.replay(buffer, meta, logBytes, file.layout(), states);
            }
            if (log.end() < logBytes) {
                try (TierIo.Handle meta = io.open(path)) {
                    meta.resize(log.end());
                }
            }
            file.freeEmptied();
            return file;
        } catch (IOException e) {
            throw TierFailures.of(e, path);
        }
    }

    private static ChunkStates states(ChunkLog log) {
        ObjectRef object = log.header().object();
        ChunkLayout layout = new ChunkLayout(object.sizeBytes(), log.header().chunkBytes());
        return new ChunkStates(object, layout, !log.header().knowsSeals());
    }
}
