package io.hearth.protocol;

import java.util.Objects;
import java.util.Optional;

/** Access to an origin. Never printed: {@code toString} says only which form it is. */
public sealed interface Credentials {
    /** Unsigned requests. */
    record Anonymous() implements Credentials {}

    /** Keys, with a session token where they are temporary. */
    record Keys(String accessKeyId, String secretAccessKey, Optional<String> sessionToken) implements Credentials {
        public Keys {
            Objects.requireNonNull(accessKeyId, "accessKeyId is null");
            Objects.requireNonNull(secretAccessKey, "secretAccessKey is null");
            Objects.requireNonNull(sessionToken, "sessionToken is null");
        }

        @Override
        public String toString() {
            return "Keys[redacted]";
        }
    }

    /** Whatever the AWS default chain of this process finds: environment, profile, container or instance role. */
    record DefaultChain() implements Credentials {}
}
