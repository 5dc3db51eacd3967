package io.hearth.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.hearth.protocol.api.Json;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Holds an OpenAPI document against a server: the same routes, and examples that the documents' records can read. */
public final class OpenApiContract {
    private static final String API = "io.hearth.protocol.api.";

    private OpenApiContract() {}

    /**
     * Checks a document.
     *
     * @param served the server's routes, as {@code GET /v1/things/{id}}
     * @param operations the routes' operation ids
     * @param examplesMin how many schemas have an example at least
     */
    public static void check(JsonNode document, Set<String> served, Map<String, String> operations, int examplesMin) {
        assertEquals("3.1.0", document.path("openapi").asText());
        assertEquals(new TreeSet<>(served), described(document));
        operations.forEach((route, id) -> {
            String[] words = route.split(" ");
            JsonNode described = document.path("paths").path(words[1]).path(words[0].toLowerCase(Locale.ROOT));
            assertEquals(id, described.path("operationId").asText(), route);
        });
        examples(document, examplesMin);
        references(document, document);
    }

    private static Set<String> described(JsonNode document) {
        Set<String> routes = new TreeSet<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    if (!operation.getKey().equals("parameters")) {
                        routes.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
                    }
                }));
        return routes;
    }

    /** Every schema that names a document has an example that its record reads and writes back as it is. */
    private static void examples(JsonNode document, int examplesMin) {
        int examples = 0;
        for (Map.Entry<String, JsonNode> schema :
                document.at("/components/schemas").properties()) {
            String type = schema.getValue().path("x-java").asText("");
            if (type.isEmpty()) {
                continue;
            }
            JsonNode example = schema.getValue().path("examples").path(0);
            assertTrue(example.isObject(), schema.getKey() + " has no example");
            try {
                Class<?> record = Class.forName(type.contains(".") ? type : API + type);
                Object read = Json.read(Json.write(example), record);
                assertEquals(example, Json.read(Json.write(read), JsonNode.class), schema.getKey());
                required(schema.getKey(), schema.getValue(), example);
            } catch (ClassNotFoundException e) {
                throw new AssertionError(schema.getKey() + " names no class", e);
            }
            examples++;
        }
        assertTrue(examples >= examplesMin, "only " + examples + " examples");
    }

    private static void required(String name, JsonNode schema, JsonNode example) {
        schema.path("required").forEach(field -> assertTrue(example.has(field.asText()), name + " lacks " + field));
        Iterator<String> fields = example.fieldNames();
        while (fields.hasNext()) {
            String field = fields.next();
            assertTrue(schema.path("properties").has(field), name + " does not describe " + field);
        }
    }

    /** Every reference leads somewhere. */
    private static void references(JsonNode document, JsonNode node) {
        JsonNode reference = node.path("$ref");
        if (reference.isTextual()) {
            assertTrue(
                    !document.at(reference.asText().substring(1)).isMissingNode(),
                    reference.asText() + " leads nowhere");
        }
        node.forEach(child -> references(document, child));
    }
}
