package io.hearth.fuse.kernel.wire;

/** Bytes that are no request, or not one that is whole. */
public final class MalformedRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedRequestException(String message) {
        super(message);
    }
}
