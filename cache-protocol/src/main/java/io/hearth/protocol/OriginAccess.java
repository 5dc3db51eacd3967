package io.hearth.protocol;

import java.util.Objects;

/** An origin with the credentials to read it. {@code toString} shows no secret. */
public record OriginAccess(OriginSpec origin, Credentials credentials) {
    public OriginAccess {
        Objects.requireNonNull(origin, "origin is null");
        Objects.requireNonNull(credentials, "credentials is null");
    }
}
