package io.hearth.protocol;

import java.util.Collections;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

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

    /**
     * What requests of some days are signed with instead of the secret key: the signing keys of AWS Signature Version 4
     * for one region and the service {@code s3}, from which nobody finds the secret. A store takes a request that is signed
     * in its headers on the key's day (UTC) alone, and a presigned one up to seven days longer.
     *
     * @param byDay 32 bytes in hex, by day as {@code yyyyMMdd}
     */
    record SigningKeys(
            String accessKeyId, Optional<String> sessionToken, String region, SortedMap<String, String> byDay)
            implements Credentials {
        public SigningKeys {
            byDay = Collections.unmodifiableSortedMap(new TreeMap<>(byDay));
        }

        @Override
        public String toString() {
            return "SigningKeys[redacted]";
        }
    }

    /** Whatever the AWS default chain of this process finds: environment, profile, container or instance role. */
    record DefaultChain() implements Credentials {}
}
