package io.hearth.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.hearth.protocol.api.Json;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Holds {@code openapi.json} against a server: the same routes, and examples that the documents' records can read. */
final class OpenApiContract {
    private static final String API = "io.hearth.protocol.api.";

    private OpenApiContract() {}

    static void check(TestMaster master) {
        JsonNode document = master.get("/v1/openapi.json", JsonNode.class);
        assertEquals("3.1.0", document.path("openapi").asText());
        assertEquals(served(master), described(document));
        for (Operation operation : Operation.values()) {
            JsonNode described = document.path("paths")
                    .path(operation.path())
                    .path(operation.method().name().toLowerCase(Locale.ROOT));
            assertEquals(operation.id(), described.path("operationId").asText(), operation.path());
        }
        examples(document);
        references(document, document);
    }

    private static Set<String> served(TestMaster master) {
        Set<String> routes = new TreeSet<>();
        master.server()
                .serviceConfigs()
                .forEach(config -> config.route().methods().forEach(method -> {
                    if (config.route().patternString().startsWith("/v1/")) {
                        routes.add(method + " " + config.route().patternString().replaceAll(":([a-z]+)", "{$1}"));
                    }
                }));
        return routes;
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
    private static void examples(JsonNode document) {
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
        assertTrue(examples >= 18, "only " + examples + " examples");
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
