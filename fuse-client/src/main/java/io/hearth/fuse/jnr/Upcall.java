package io.hearth.fuse.jnr;

import jnr.ffi.annotations.Delegate;

/**
 * Shapes of libfuse's callbacks by number of arguments: every argument is a pointer, a size or an offset, all of 64
 * bits on the platforms that have libfuse 2; every answer is 0, a count, or a negative errno. Public for jnr-ffi's
 * generated code.
 */
public final class Upcall {
    private Upcall() {}

    /** A callback that looks at no argument; C lets it be called with any. */
    public interface Of0 {
        @Delegate
        int call();
    }

    /** {@code init(conn)}: answers the user data, here none. */
    public interface Init {
        @Delegate
        long call(long connection);
    }

    /** {@code getattr(path, stat)}, {@code open(path, fi)} and their like. */
    public interface Of2 {
        @Delegate
        int call(long first, long second);
    }

    /** {@code fgetattr(path, stat, fi)}. */
    public interface Of3 {
        @Delegate
        int call(long first, long second, long third);
    }

    /** {@code read(path, buffer, size, offset, fi)} and {@code readdir(path, buffer, filler, offset, fi)}. */
    public interface Of5 {
        @Delegate
        int call(long first, long second, long third, long fourth, long fifth);
    }
}
