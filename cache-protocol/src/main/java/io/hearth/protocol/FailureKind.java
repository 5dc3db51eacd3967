package io.hearth.protocol;

/** The closed set of failures that cross a module's border: what the user sees, and what the caller should do. */
public enum FailureKind {
    /** The thing named does not exist. */
    NOT_FOUND(2, 404, Action.STOP),
    /** The object's version is gone from the origin; its pinned bytes can no longer be had. */
    STALE(116, 412, Action.STOP),
    /** Credentials were refused or lack a permission. */
    DENIED(13, 403, Action.STOP),
    /** The request makes no sense as it stands. */
    INVALID(22, 400, Action.STOP),
    /** The name is taken, or the state forbids it. */
    CONFLICT(17, 409, Action.STOP),
    /** The tree is read-only. */
    READ_ONLY(30, 405, Action.STOP),
    /** Message or file of a format version this build does not speak. */
    UNSUPPORTED_VERSION(71, 505, Action.ELSEWHERE),
    /** The other side cannot be reached, or says that it is not ready. */
    UNAVAILABLE(5, 503, Action.RETRY),
    /**
     * A bound was hit: queue, connections, memory; or an origin asks for fewer requests. {@code EIO} and not
     * {@code EAGAIN}, which a blocking read of a file never answers and programs would repeat at once.
     */
    OVERLOADED(5, 429, Action.RETRY),
    /** No byte within the bound. */
    TIMEOUT(110, 504, Action.ELSEWHERE),
    /** No room for it in any tier. */
    NO_SPACE(28, 507, Action.ELSEWHERE),
    /** Bytes did not match their checksum. */
    CORRUPT(5, 500, Action.ELSEWHERE),
    /** A fault of ours or of the local disk. */
    INTERNAL(5, 500, Action.ELSEWHERE);

    /** What the caller should do next. */
    public enum Action {
        /** The same source may answer later: back off and try again. */
        RETRY,
        /** Another source may answer now. */
        ELSEWHERE,
        /** Nobody will answer differently: give up. */
        STOP
    }

    private final int errno;
    private final int httpStatus;
    private final Action action;

    FailureKind(int errno, int httpStatus, Action action) {
        this.errno = errno;
        this.httpStatus = httpStatus;
        this.action = action;
    }

    /** The positive Linux errno that a mount answers. */
    public int errno() {
        return errno;
    }

    /** The status that the HTTP API answers. */
    public int httpStatus() {
        return httpStatus;
    }

    /** What the caller should do. */
    public Action action() {
        return action;
    }

    /** The name as it stands on the wire and in JSON, for example {@code not-found}. */
    public String code() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** The kind of that {@link #code()}; {@link #INTERNAL} for a code of a later version. */
    public static FailureKind ofCode(String code) {
        for (FailureKind kind : values()) {
            if (kind.code().equals(code)) {
                return kind;
            }
        }
        return INTERNAL;
    }
}
