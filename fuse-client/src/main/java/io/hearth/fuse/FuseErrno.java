package io.hearth.fuse;

import io.hearth.protocol.HearthException;

/** The errors that the file system itself gives; those of the read path come from their kind. */
public enum FuseErrno {
    ENOENT(2),
    EINTR(4),
    EIO(5),
    EBADF(9),
    ENOTDIR(20),
    EISDIR(21),
    EINVAL(22),
    ENFILE(23),
    EROFS(30),
    ENAMETOOLONG(36),
    ESTALE(116);

    private final int number;

    FuseErrno(int number) {
        this.number = number;
    }

    /** The positive number, the same on every Linux. */
    public int number() {
        return number;
    }

    /** A failure to throw. */
    public FuseFailure failure() {
        return new FuseFailure(this);
    }

    /** The positive errno that {@code thrown} stands for; {@code EIO} for what nobody foresaw. */
    public static int of(Throwable thrown) {
        if (thrown instanceof FuseFailure ours) {
            return ours.errno().number();
        }
        if (thrown instanceof HearthException ours) {
            return ours.kind().errno();
        }
        return EIO.number();
    }
}
