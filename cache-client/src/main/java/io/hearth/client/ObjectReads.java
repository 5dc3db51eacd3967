package io.hearth.client;

import io.hearth.protocol.ObjectRef;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/** Opens objects for positional reads. Thread-safe. */
public interface ObjectReads extends Closeable {
    /** Opens one version of an object. Does no I/O. */
    OpenObject open(ObjectRef object);

    /** The same for a reader of its own, among whose {@code siblings} more may be wanted. */
    default OpenObject open(ObjectRef object, Siblings siblings) {
        return open(object);
    }

    /** From now on {@code watcher} is told of open objects; it takes the place of the one before. */
    default void watch(FileWatcher watcher) {}

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

        /**
         * The file of this machine that has all of the object, held; empty if there is none. Waits for the answer of
         * this node's worker, within {@code bound}.
         */
        default Optional<WholeFile> whole(Duration bound) {
            return Optional.empty();
        }

        /** Whether a file of this machine is open for it, which may lack bytes. */
        default boolean hasFile() {
            return false;
        }

        /** Frees read-ahead; reads in flight fail. */
        @Override
        void close();
    }
}
