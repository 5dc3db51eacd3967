package io.hearth.launcher.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.hearth.protocol.api.Json;
import java.util.function.Supplier;

/** The form of an answer: {@code -o table|json|yaml}. */
public enum Format {
    table,
    json,
    yaml;

    /** The text of {@code document} in this form; {@code table} is asked only for the table. */
    public String text(Object document, Supplier<String> table) {
        try {
            return switch (this) {
                case table -> table.get();
                case json ->
                    Json.mapper().writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(document) + "\n";
                case yaml -> yaml().writeValueAsString(Json.mapper().valueToTree(document));
            };
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records can be written", e);
        }
    }

    private static ObjectMapper yaml() {
        return YAMLMapper.builder()
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .addModule(new Jdk8Module())
                .build();
    }
}
