package io.hearth.client.read;

import io.hearth.client.FileTaker;
import io.hearth.client.FileWatcher;
import io.hearth.client.WholeFile;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/** Bytes that can be read on this node without a copy over a socket. Thread-safe. */
@FunctionalInterface
public interface LocalReads {
    /** Nothing can. */
    LocalReads NONE = (context, object) -> Optional.empty();

    /** Opens an object, if it may be read here. Does no I/O; the caller closes it. */
    Optional<LocalObject> open(RequestContext context, ObjectRef object);

    /** As {@link io.hearth.client.ObjectReads#watch}. */
    default void watch(FileWatcher watcher) {}

    /** How a read here ended. */
    enum Outcome {
        /** Every byte was read. */
        READ,
        /** Not within the time given, but still to be expected. */
        LATER,
        /** Not here: read them elsewhere. Nothing was read. */
        ELSEWHERE
    }

    /** One object that is read here. */
    interface LocalObject extends AutoCloseable {
        /** Asks for the bytes from {@code from} to {@code to}, in order; never blocks. */
        void ask(long from, long to);

        /** Whether the bytes could be read now, without a wait. */
        boolean has(long offset, int length);

        /**
         * Offers these bytes, at least one, to {@code taker}, or reads them into {@code target}, waiting for them at
         * most so long. Blocks; {@link #ask} first. The target's position moves only where all were read into it.
         */
        Outcome read(long offset, int length, ByteBuffer target, FileTaker taker, long patienceNs)
                throws InterruptedException;

        /** As {@link io.hearth.client.ObjectReads.OpenObject#whole}. */
        Optional<WholeFile> whole(Duration bound) throws InterruptedException;

        /** Whether a file is open. */
        boolean hasFile();

        @Override
        void close();
    }
}
