package io.hearth.client;

/**
 * Takes bytes out of a file of this machine, in place of a copy into the reader's memory. Not thread-safe; belongs to
 * one read.
 */
@FunctionalInterface
public interface FileTaker {
    /** Takes nothing: bytes are copied. */
    FileTaker NONE = (descriptor, offset, length) -> false;

    /**
     * Takes {@code length} bytes at {@code offset}, all of them or none. They are right, and stay as they are; the file
     * stays open until this returns.
     *
     * @param descriptor of the open file
     * @return whether they are taken; if not, they are copied instead
     */
    boolean take(int descriptor, long offset, int length);
}
