package io.hearth.protocol.api;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a user declares, in the words of Fluid's Dataset.
 *
 * @param mounts one or more origins in one tree
 * @param refresh how old the listing may be, such as {@code 60s}, or {@code manual}; absent: {@code 60s}
 */
public record DatasetSpec(List<MountSpec> mounts, Optional<String> refresh) {
    /** How old a listing may be where nothing is said. */
    public static final String REFRESH_DEFAULT = "60s";

    /** {@link #refresh} of a dataset that is listed again only when asked. */
    public static final String REFRESH_MANUAL = "manual";

    public DatasetSpec {
        mounts = complete("mounts[]", mounts);
        refresh = refresh == null ? Optional.empty() : refresh;
        if (mounts.isEmpty()) {
            throw new HearthException(FailureKind.INVALID, "a dataset needs at least one mount: mounts[].mountPoint");
        }
    }

    /**
     * One origin.
     *
     * @param mountPoint {@code s3://bucket/prefix}
     * @param name the mount's name; absent: the dataset's
     * @param path where it stands in the tree; absent: {@code /} for an only mount, else {@code /name}
     * @param options {@code endpoint}, {@code region}, {@code pathStyle}, {@code credentials} (see docs/SETTINGS.md)
     * @param encryptOptions credentials by reference
     * @param readOnly only {@code true} is taken
     */
    public record MountSpec(
            String mountPoint,
            Optional<String> name,
            Optional<String> path,
            Map<String, String> options,
            List<EncryptOption> encryptOptions,
            Optional<Boolean> readOnly) {
        public MountSpec {
            if (mountPoint == null) {
                throw new HearthException(
                        FailureKind.INVALID, "mounts[].mountPoint is missing: write s3://bucket/prefix");
            }
            name = name == null ? Optional.empty() : name;
            path = path == null ? Optional.empty() : path;
            options = complete(options);
            encryptOptions = complete("encryptOptions[]", encryptOptions);
            readOnly = readOnly == null ? Optional.empty() : readOnly;
        }
    }

    private static <T> List<T> complete(String field, List<T> given) {
        List<T> entries = given == null ? List.of() : given;
        if (entries.stream().anyMatch(Objects::isNull)) {
            throw new HearthException(FailureKind.INVALID, field + " has an empty entry: fill it in or remove it");
        }
        return List.copyOf(entries);
    }

    private static Map<String, String> complete(Map<String, String> given) {
        Map<String, String> options = given == null ? Map.of() : given;
        options.forEach((name, value) -> {
            if (value == null) {
                throw new HearthException(
                        FailureKind.INVALID, "the mount option '" + name + "' has no value: give one or remove it");
            }
        });
        return Map.copyOf(options);
    }

    /**
     * A secret option by reference: {@code name} is {@code accessKeyId}, {@code secretAccessKey} or
     * {@code sessionToken}.
     */
    public record EncryptOption(String name, ValueFrom valueFrom) {}

    /** Where the value is. */
    public record ValueFrom(SecretKeyRef secretKeyRef) {}

    /** The file {@code key} of the secret {@code name}: {@code SECRETS_DIR/name/key}, as Kubernetes mounts secrets. */
    public record SecretKeyRef(String name, String key) {}
}
