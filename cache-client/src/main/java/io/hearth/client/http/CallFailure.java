package io.hearth.client.http;

/** Why one master gave no answer. */
final class CallFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** How far the call came. */
    enum Kind {
        /** The master never got it. */
        NEVER_SENT,
        /** The connection broke, or what came was no HTTP. */
        BROKEN,
        /** No answer, or not a whole one, within the call's time. */
        LATE,
        /** Nothing for the call's time in the middle of a stream. */
        SILENT,
        /** More bytes than the call takes. */
        TOO_LARGE
    }

    private final transient Kind kind;

    CallFailure(Kind kind, Throwable cause) {
        super(kind.name(), cause, false, false);
        this.kind = kind;
    }

    CallFailure(Kind kind) {
        this(kind, null);
    }

    Kind kind() {
        return kind;
    }
}
