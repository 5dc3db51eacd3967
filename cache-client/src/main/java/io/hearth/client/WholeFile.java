package io.hearth.client;

/**
 * A file of this machine that holds a whole object, verified, and nothing else. It stays as it is for as long as it is held,
 * even if it loses its name meanwhile. Thread-safe.
 */
public interface WholeFile extends AutoCloseable {
    /** Open for reading, at least until {@link #close}. */
    int descriptor();

    /** Whether the object is still read there by those who open it now; if not, better let go soon. */
    boolean current();

    /** Lets go; once more is no error. */
    @Override
    void close();
}
