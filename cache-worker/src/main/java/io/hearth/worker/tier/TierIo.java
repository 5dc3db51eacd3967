package io.hearth.worker.tier;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The file operations of a tier, so that a test can fail or crash between any two of them. Thread-safe. */
public interface TierIo {
    /** Makes a new empty file; fails if it exists. */
    Handle create(Path path) throws IOException;

    /** Opens an existing file for reading and writing. */
    Handle open(Path path) throws IOException;

    /** Opens an existing file that is to be read and never changed. */
    Handle openToRead(Path path) throws IOException;

    /** Asks for an existing file's size and age. */
    Standing standing(Path path) throws IOException;

    /** Unlinks; a file that is not there is no error. */
    void delete(Path path) throws IOException;

    /**
     * Frees a part of an existing file's bytes; they read as zeros from then on, and the file keeps its size.
     *
     * @throws UnsupportedOperationException where the file system cannot
     */
    void punch(Path path, long offset, long length) throws IOException;

    /**
     * Gives a part of an existing file its memory in huge pages, ahead of its bytes; changes none that was written.
     *
     * @return what it took of the calling thread's processor time, in nanoseconds; empty if the part has none now
     * @throws UnsupportedOperationException where the file system has none
     */
    OptionalLong prepareHuge(Path path, long offset, long length) throws IOException;

    /**
     * How a file stands.
     *
     * @param modifiedMs when it was changed last, in milliseconds since 1970
     */
    record Standing(long sizeBytes, long modifiedMs) {}

    /** An open file. Thread-safe: positions are given. */
    interface Handle extends Closeable {
        /** Writes all remaining bytes. */
        void write(ByteBuffer bytes, long position) throws IOException;

        /** Reads until {@code target} is full or the file ends; gives the number of bytes read. */
        int read(ByteBuffer target, long position) throws IOException;

        long size() throws IOException;

        /** Cuts the file, or lengthens it by a hole. */
        void resize(long sizeBytes) throws IOException;

        /** For sendfile; positional use only, never closed by the user. */
        FileChannel channel();
    }
}
