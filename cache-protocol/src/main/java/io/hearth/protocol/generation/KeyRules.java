package io.hearth.protocol.generation;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Which keys can be file names ({@code docs/SEMANTICS.md} has the table). */
final class KeyRules {
    /** Longest name of a path's segment on Linux, in bytes. */
    static final int NAME_BYTES_MAX = 255;

    /** Longest path that Linux takes, its end included. */
    static final int PATH_BYTES_MAX = 4095;

    private KeyRules() {}

    /** Why {@code path}, a key below its mount without a trailing slash, can be no file name; empty if it can. */
    static Optional<String> objection(String path) {
        if (path.indexOf('\0') >= 0) {
            return Optional.of("holds a NUL byte");
        }
        if (path.getBytes(StandardCharsets.UTF_8).length > PATH_BYTES_MAX) {
            return Optional.of("is longer than 4095 bytes");
        }
        for (String name : path.split("/", -1)) {
            if (name.isEmpty()) {
                return Optional.of("has an empty name between slashes");
            }
            if (name.equals(".") || name.equals("..")) {
                return Optional.of("has '" + name + "' as a name");
            }
            if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
                return Optional.of("has a name of more than 255 bytes");
            }
        }
        return Optional.empty();
    }
}
