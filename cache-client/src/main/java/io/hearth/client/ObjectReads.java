package io.hearth.client;

import io.hearth.protocol.ObjectRef;
import java.io.Closeable;
import java.nio.ByteBuffer;

/** Opens objects for positional reads. Thread-safe. */
public interface ObjectReads extends Closeable {
    /** Opens one version of an object. Does no I/O. */
    OpenObject open(ObjectRef object);

    /** The same for a reader of its own, among whose {@code siblings} more may be wanted. */
    default OpenObject open(ObjectRef object, Siblings siblings) {
        return open(object);
    }

    @Override
    void close();

    /** An open object: the state of one reader's streams. Thread-safe. */
    interface OpenObject extends Closeable {
        /**
         * Reads into {@code target} from {@code offset} until it is full or the object ends. Blocks, within a bound;
         * interruptible.
         *
         * @return bytes read; 0 at or after the end
         * @throws io.hearth.protocol.HearthException when no source could give these bytes of this version
         */
        int read(long offset, ByteBuffer target);

        /**
         * As {@link #read(long, ByteBuffer)}; but if all the bytes lie in a file of this machine, they are offered to
         * {@code taker}. If it takes them, {@code target} stays as it was.
         */
        default int read(long offset, ByteBuffer target, FileTaker taker) {
            return read(offset, target);
        }

        /** Frees read-ahead; reads in flight fail. */
        @Override
        void close();
    }
}
