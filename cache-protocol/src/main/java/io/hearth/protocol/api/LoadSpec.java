package io.hearth.protocol.api;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a user asks to have made resident.
 *
 * @param targets which files, on how many workers; absent or empty: the whole dataset, once
 * @param metadataOnly lists the origins again and fills nothing; absent: false
 * @param retries how often what failed or was lost is tried again, 0 to {@link #RETRIES_MAX}; absent:
 *     {@link #RETRIES_DEFAULT}
 * @param ttl how long the ended load is kept to be looked at, such as {@code 1h}, a minute at least; absent:
 *     {@link #TTL_DEFAULT}
 */
public record LoadSpec(
        List<Target> targets, Optional<Boolean> metadataOnly, Optional<Integer> retries, Optional<String> ttl) {
    /** Retries where nothing is said. */
    public static final int RETRIES_DEFAULT = 3;

    /** Most retries. */
    public static final int RETRIES_MAX = 100;

    /** How long an ended load is kept where nothing is said. */
    public static final String TTL_DEFAULT = "24h";

    /** Most targets of one load. */
    public static final int TARGETS_MAX = 1000;

    /** Longest path or glob in characters. */
    public static final int PATH_CHARS_MAX = 4096;

    public LoadSpec {
        targets = targets == null ? List.of() : targets;
        if (targets.size() > TARGETS_MAX) {
            throw invalid("a load has at most " + TARGETS_MAX + " targets, not " + targets.size());
        }
        if (targets.stream().anyMatch(Objects::isNull)) {
            throw invalid("targets[] has an empty entry: fill it in or remove it");
        }
        targets = List.copyOf(targets);
        metadataOnly = metadataOnly == null ? Optional.empty() : metadataOnly;
        retries = retries == null ? Optional.empty() : retries;
        ttl = ttl == null ? Optional.empty() : ttl;
        retries.filter(count -> count < 0 || count > RETRIES_MAX).ifPresent(count -> {
            throw invalid("retries is 0 to " + RETRIES_MAX + ", not " + count);
        });
    }

    /** The whole dataset, once. */
    public static LoadSpec whole() {
        return new LoadSpec(List.of(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * Files to be loaded.
     *
     * @param path a file, a folder, or a glob ({@code *}, {@code **}, {@code ?}, {@code [a-z]}, {@code {a,b}}) from the
     *     dataset's root; a name that is there goes before a glob
     * @param replicas on how many workers each block is to be; absent: 1
     */
    public record Target(String path, Optional<Integer> replicas) {
        public Target {
            if (path == null || path.length() > PATH_CHARS_MAX) {
                throw invalid("targets[].path is missing or longer than " + PATH_CHARS_MAX
                        + " characters: write a file, a folder or a glob, such as /weights/*.safetensors");
            }
            if (path.isBlank()) {
                throw invalid("targets[].path is empty: write / for the whole dataset");
            }
            replicas = replicas == null ? Optional.empty() : replicas;
            replicas.filter(count -> count < 1).ifPresent(count -> {
                throw invalid("targets[].replicas is 1 or more, not " + count);
            });
        }
    }

    private static HearthException invalid(String message) {
        return new HearthException(FailureKind.INVALID, message);
    }
}
