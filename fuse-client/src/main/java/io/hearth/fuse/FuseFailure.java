package io.hearth.fuse;

/** An ordinary refusal, such as {@code EISDIR}. Carries no stack: programs provoke them by the thousand. */
public final class FuseFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FuseErrno errno;

    FuseFailure(FuseErrno errno) {
        super(errno.name(), null, false, false);
        this.errno = errno;
    }

    public FuseErrno errno() {
        return errno;
    }
}
