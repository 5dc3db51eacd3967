package io.hearth.client;

import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * A file of this machine that holds a whole object, verified, and nothing else. It stays as it is for as long as it is
 * held, even if it loses its name meanwhile. Thread-safe.
 */
public interface WholeFile extends AutoCloseable {
    /** Open for reading, at least until {@link #close}. */
    int descriptor();

    /** Whether the object is still read there by those who open it now; if not, better let go soon. */
    boolean current();

    /**
     * Has whose file it is ask the kernel to keep it for a FUSE mount of this process, which may not ask itself. Waits
     * for the answer, within {@code bound}. The id is good until {@link #close}.
     *
     * @param device gives a copy of the mount's descriptor of {@code /dev/fuse}, or an errno, negative; the read path
     *     keeps it, and asks once
     * @return the id by which opens may name the file, above 0; or an errno, negative: {@code EPERM} if nobody there
     *     may, {@code EAGAIN} if another open may ask again
     */
    int keep(IntSupplier device, Duration bound);

    /** Lets go; once more is no error. */
    @Override
    void close();
}
