package io.hearth.protocol;

/**
 * What tells two versions of one key apart, strongest first: version id, strong ETag, else time and size.
 *
 * <p>The text form is a letter, a colon and the value: {@code v:...}, {@code e:"..."}, {@code w:millis}.
 */
public sealed interface Validator {
    /** A version id of a versioned bucket. */
    record VersionId(String value) implements Validator {}

    /** A strong ETag, quotes included, as {@code If-Match} wants it. */
    record StrongEtag(String value) implements Validator {}

    /** Nothing better than the time of the last change, in milliseconds; {@code If-Unmodified-Since} has seconds. */
    record LastModified(long epochMs) implements Validator {}

    /** Whether two versions may share this validator, so that mixed bytes cannot be ruled out. */
    default boolean weak() {
        return this instanceof LastModified;
    }

    /** The text form. */
    default String text() {
        if (this instanceof VersionId version) {
            return "v:" + version.value();
        }
        if (this instanceof StrongEtag etag) {
            return "e:" + etag.value();
        }
        return "w:" + ((LastModified) this).epochMs();
    }

    /** Parses {@link #text()}. */
    static Validator parse(String text) {
        if (text.startsWith("v:")) {
            return new VersionId(text.substring(2));
        }
        if (text.startsWith("e:")) {
            return new StrongEtag(text.substring(2));
        }
        if (text.startsWith("w:")) {
            try {
                return new LastModified(Long.parseLong(text.substring(2)));
            } catch (NumberFormatException e) {
                throw new HearthException(FailureKind.INVALID, "'" + text + "' is no validator", e);
            }
        }
        throw new HearthException(FailureKind.INVALID, "'" + text + "' is no validator");
    }

    /** The validator for what a listing or a HEAD says: the ETag unless it is absent or weak, else the time. */
    static Validator ofListing(String etag, long lastModifiedMs) {
        if (etag == null || etag.isEmpty() || etag.startsWith("W/")) {
            return new LastModified(lastModifiedMs);
        }
        return new StrongEtag(etag.startsWith("\"") ? etag : "\"" + etag + "\"");
    }
}
