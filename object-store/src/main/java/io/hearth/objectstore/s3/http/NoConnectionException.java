package io.hearth.objectstore.s3.http;

import java.io.IOException;

/** All connections stayed in use for as long as a request may wait for one. */
public final class NoConnectionException extends IOException {
    private static final long serialVersionUID = 1L;

    NoConnectionException(String message) {
        super(message);
    }
}
