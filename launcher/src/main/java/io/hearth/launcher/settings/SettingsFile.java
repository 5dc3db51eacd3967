package io.hearth.launcher.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads {@code hearth.yaml} into texts by dotted name: nested maps and dotted keys mean the same, lists get commas. */
final class SettingsFile {
    private SettingsFile() {}

    /** @return nothing where the file does not exist */
    static Map<String, String> read(Path file) {
        Map<String, String> values = new TreeMap<>();
        if (!Files.exists(file)) {
            return values;
        }
        try {
            JsonNode root = new YAMLMapper().readTree(Files.readAllBytes(file));
            if (root.isObject()) {
                flatten(file, root, values);
            } else if (!root.isMissingNode() && !root.isNull()) {
                throw new HearthException(FailureKind.INVALID, file + " must hold 'name: value' lines");
            }
            return values;
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
            throw new HearthException(FailureKind.INVALID, file + " is not YAML" + line, e);
        } catch (IOException e) {
            throw new HearthException(FailureKind.INVALID, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static void flatten(Path file, JsonNode root, Map<String, String> values) {
        try {
            flatten("", root, values);
        } catch (HearthException e) {
            throw new HearthException(e.kind(), file + ": " + e.getMessage(), e);
        }
    }

    private static void flatten(String prefix, JsonNode node, Map<String, String> values) {
        node.properties().forEach(field -> {
            String name = prefix.isEmpty() ? field.getKey() : prefix + "." + field.getKey();
            JsonNode value = field.getValue();
            if (value.isObject()) {
                flatten(name, value, values);
            } else if (value.isArray()) {
                values.put(name, String.join(",", items(name, value)));
            } else {
                values.put(name, value.asText());
            }
        });
    }

    /** Items are texts; a tier may be a mapping as well. */
    private static List<String> items(String name, JsonNode list) {
        List<String> items = new ArrayList<>();
        for (JsonNode item : list) {
            if (item.isObject() && name.equals(TierEntry.SETTING)) {
                items.add(TierEntry.line(items.size() + 1, item));
            } else if (item.isValueNode()) {
                items.add(item.asText());
            } else {
                throw new HearthException(
                        FailureKind.INVALID, "entry " + (items.size() + 1) + " of " + name + " is no text");
            }
        }
        return items;
    }
}
