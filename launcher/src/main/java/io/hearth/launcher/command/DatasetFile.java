package io.hearth.launcher.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.hearth.launcher.command.DatasetSource.Declared;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A dataset in YAML, in the words of Fluid's Dataset: {@code apiVersion}, {@code kind: Dataset},
 * {@code metadata{name, namespace}}, {@code spec{mounts[], accessModes, refresh}}.
 */
final class DatasetFile {
    private static final Set<String> ROOT_FIELDS = Set.of("apiVersion", "kind", "metadata", "spec");
    private static final Set<String> READ_ONLY_MODES = Set.of("ReadOnlyMany", "ReadOnlyOnce");

    private DatasetFile() {}

    static Declared read(Path file, String namespace, Optional<String> name) {
        JsonNode root = document(file);
        root.fieldNames().forEachRemaining(field -> {
            if (!ROOT_FIELDS.contains(field)) {
                throw invalid(file, "unknown field '" + field + "'");
            }
        });
        if (!root.path("kind").asText("Dataset").equals("Dataset")) {
            throw invalid(file, "kind is '" + root.path("kind").asText() + "': only Dataset is taken");
        }
        JsonNode metadata = root.path("metadata");
        String given = name.or(() -> Optional.ofNullable(metadata.path("name").asText(null)))
                .orElseThrow(() -> invalid(file, "metadata.name is missing"));
        DatasetName dataset = new DatasetName(metadata.path("namespace").asText(namespace), given);
        if (!(root.path("spec") instanceof ObjectNode spec)) {
            throw invalid(file, "spec is missing");
        }
        checkAccessModes(file, spec.remove("accessModes"));
        try {
            return new Declared(dataset, Json.read(Json.write(withTextOptions(spec)), DatasetSpec.class));
        } catch (HearthException e) {
            throw invalid(file, e.getMessage());
        }
    }

    private static JsonNode document(Path file) {
        try {
            List<JsonNode> documents = new YAMLMapper()
                    .readerFor(JsonNode.class)
                    .<JsonNode>readValues(Files.readAllBytes(file))
                    .readAll();
            if (documents.size() != 1 || !documents.get(0).isObject()) {
                throw invalid(file, "it must hold one Dataset, not " + documents.size() + " documents");
            }
            return documents.get(0);
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
            throw invalid(file, "it is not YAML" + line);
        } catch (IOException e) {
            throw new HearthException(FailureKind.INVALID, "cannot read " + file + ": " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException ? "there is no such file" : e.getMessage();
    }

    private static void checkAccessModes(Path file, JsonNode modes) {
        if (modes == null || modes.isNull()) {
            return;
        }
        if (!modes.isArray()) {
            throw invalid(file, "accessModes must be a list, such as [ReadOnlyMany]");
        }
        for (JsonNode mode : modes) {
            if (!READ_ONLY_MODES.contains(mode.asText())) {
                throw invalid(
                        file,
                        "accessModes " + mode.asText()
                                + ": writable volumes do not exist yet; write ReadOnlyMany or leave it out");
            }
        }
    }

    /** YAML reads {@code pathStyle: true} as a boolean; options are texts. */
    private static ObjectNode withTextOptions(ObjectNode spec) {
        for (JsonNode mount : spec.path("mounts")) {
            if (mount.path("options") instanceof ObjectNode options) {
                options.properties().forEach(option -> {
                    if (option.getValue().isValueNode() && !option.getValue().isNull()) {
                        option.setValue(options.textNode(option.getValue().asText()));
                    }
                });
            }
        }
        return spec;
    }

    private static HearthException invalid(Path file, String what) {
        return new HearthException(FailureKind.INVALID, file + ": " + what);
    }
}
