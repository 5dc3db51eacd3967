package io.hearth.launcher.settings;

import com.fasterxml.jackson.databind.JsonNode;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One tier of {@code worker.tiers} as a mapping, in the words of Fluid's tieredstore, made into the one-line form that
 * flags and the environment have.
 */
final class TierEntry {
    static final String SETTING = "worker.tiers";
    private static final Set<String> KEYS = Set.of("mediumtype", "path", "quota", "high", "low");

    private final int number;
    private final Map<String, String> values = new TreeMap<>();

    /** @param number from 1 on, for what is wrong */
    private TierEntry(int number) {
        this.number = number;
    }

    /** @throws HearthException {@link FailureKind#INVALID}, naming the entry and its key */
    static String line(int number, JsonNode mapping) {
        TierEntry entry = new TierEntry(number);
        mapping.properties().forEach(field -> entry.take(field.getKey(), field.getValue()));
        return entry.line();
    }

    private void take(String key, JsonNode value) {
        if (!KEYS.contains(key)) {
            throw bad("has no '" + key + "': write mediumtype, path and quota, and high and low if you like");
        }
        if (!value.isValueNode() || value.isNull()) {
            throw bad("needs one value for " + key);
        }
        String text = value.asText().strip();
        if (text.contains(",")) {
            throw bad("cannot have a comma in its " + key);
        }
        values.put(key, text);
    }

    private String line() {
        return need("mediumtype", "MEM, SSD or HDD") + ":" + need("path", "a directory, or auto for MEM") + ":"
                + need("quota", "such as 10GiB") + mark("high") + mark("low");
    }

    private String need(String key, String form) {
        return Optional.ofNullable(values.get(key))
                .filter(text -> !text.isEmpty())
                .orElseThrow(() -> bad("lacks " + key + ": " + form));
    }

    private String mark(String key) {
        return Optional.ofNullable(values.get(key))
                .map(text -> ":" + key + "=" + text)
                .orElse("");
    }

    private HearthException bad(String what) {
        return new HearthException(FailureKind.INVALID, "entry " + number + " of " + SETTING + " " + what);
    }
}
