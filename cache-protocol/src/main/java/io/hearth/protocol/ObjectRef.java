package io.hearth.protocol;

import java.util.Objects;

/**
 * One version of one object: enough to fetch it and to know it again.
 *
 * @param origin id of origin and credential scope: {@link OriginSpec#id(String)}
 * @param key the full key in the bucket
 * @param validator what the origin must still hold for the bytes to be this version's
 * @param sizeBytes 0 to {@link Geometry#OBJECT_BYTES_MAX}
 */
public record ObjectRef(String origin, String key, Validator validator, long sizeBytes) {
    public ObjectRef {
        Objects.requireNonNull(origin, "origin is null");
        Objects.requireNonNull(key, "key is null");
        Objects.requireNonNull(validator, "validator is null");
        if (sizeBytes < 0 || sizeBytes > Geometry.OBJECT_BYTES_MAX) {
            throw new HearthException(FailureKind.INVALID, "an object has 0 to 2^46 bytes, not " + sizeBytes);
        }
    }

    /** The identity; computed at each call (about a microsecond): keep it where it is used often. */
    public ObjectId id() {
        return ObjectId.of(Digests.start()
                .field(origin)
                .field(key)
                .field(validator.text())
                .field(sizeBytes)
                .finish());
    }

    @Override
    public String toString() {
        return key + " (" + sizeBytes + " bytes, " + validator.text() + ")";
    }
}
