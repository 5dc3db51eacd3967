package io.hearth.protocol;

import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** A failure in Hearth's own words: one line for the user, and a kind that decides errno, status and next step. */
public final class HearthException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureKind kind;

    /** @param message one line that says what is wrong and, where the user can act, what to do */
    public HearthException(FailureKind kind, String message) {
        this(kind, message, null);
    }

    /** @param cause the foreign failure that was translated; may be null */
    public HearthException(FailureKind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = Objects.requireNonNull(kind, "kind is null");
    }

    public FailureKind kind() {
        return kind;
    }

    /** The Hearth failure inside {@code thrown}'s future wrappers, or an {@link FailureKind#INTERNAL} one around it. */
    public static HearthException of(Throwable thrown) {
        Throwable inner = thrown;
        while ((inner instanceof CompletionException || inner instanceof ExecutionException)
                && inner.getCause() != null) {
            inner = inner.getCause();
        }
        if (inner instanceof HearthException ours) {
            return ours;
        }
        return new HearthException(FailureKind.INTERNAL, String.valueOf(inner), inner);
    }
}
