package io.hearth.master.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hearth.protocol.api.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/** The OpenAPI document of a server, put together from those of its parts. */
public final class OpenApiDocument {
    private OpenApiDocument() {}

    /** The resource {@code openapi.json} beside a class. */
    public static byte[] beside(Class<?> type) {
        try (InputStream in = type.getResourceAsStream("openapi.json")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("the class path lacks the openapi.json of " + type.getPackageName(), e);
        }
    }

    /**
     * The first document with the paths and components of the others.
     *
     * @throws IllegalStateException if two of them describe the same thing
     */
    public static byte[] of(byte[] first, List<byte[]> others) {
        ObjectNode whole = Json.read(first, ObjectNode.class);
        for (byte[] other : others) {
            ObjectNode part = Json.read(other, ObjectNode.class);
            add(whole, part, "paths");
            for (Map.Entry<String, JsonNode> kind : part.path("components").properties()) {
                add((ObjectNode) whole.get("components"), (ObjectNode) part.get("components"), kind.getKey());
            }
        }
        return Json.write(whole);
    }

    private static void add(ObjectNode whole, ObjectNode part, String field) {
        ObjectNode target = whole.withObjectProperty(field);
        part.path(field).properties().forEach(entry -> {
            if (target.has(entry.getKey())) {
                throw new IllegalStateException("two parts of the API describe " + entry.getKey());
            }
            target.set(entry.getKey(), entry.getValue());
        });
    }
}
