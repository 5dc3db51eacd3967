package io.hearth.protocol;

import java.util.regex.Pattern;

/**
 * A dataset's full name. Both parts are DNS labels (RFC 1123), so that they can stand in a path, a metric label and a
 * Kubernetes name alike.
 */
public record DatasetName(String namespace, String name) {
    /** The namespace where none is given. */
    public static final String DEFAULT_NAMESPACE = "default";

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /** @throws HearthException {@link FailureKind#INVALID} if a part is no DNS label of at most 63 characters */
    public DatasetName {
        requireLabel("namespace", namespace);
        requireLabel("dataset name", name);
    }

    private static void requireLabel(String what, String value) {
        if (value == null || !LABEL.matcher(value).matches()) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "the " + what + " '" + value
                            + "' must be 1 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends");
        }
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
