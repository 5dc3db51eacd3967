package io.hearth.protocol.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** The one JSON mapper: unknown fields are errors, absent optionals are left out. Thread-safe. */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.NON_ABSENT))
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    private Json() {}

    /** The mapper itself, for trees and for servers. Do not configure it. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    public static byte[] write(Object document) {
        try {
            return MAPPER.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records can be written", e);
        }
    }

    /** @throws HearthException {@link FailureKind#INVALID} with one line that says where the document is wrong */
    public static <T> T read(byte[] json, Class<T> type) {
        try {
            T document = MAPPER.readValue(json, type);
            if (document == null) {
                throw new HearthException(FailureKind.INVALID, "the document is null");
            }
            return document;
        } catch (JsonProcessingException e) {
            throw new HearthException(FailureKind.INVALID, "the document cannot be read: " + oneLine(e), e);
        } catch (java.io.IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
    }

    public static <T> T read(String json, Class<T> type) {
        return read(json.getBytes(StandardCharsets.UTF_8), type);
    }

    private static String oneLine(JsonProcessingException e) {
        if (e.getCause() instanceof HearthException ours) {
            return ours.getMessage();
        }
        String line = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
        if (!(e instanceof JsonMappingException mapping)) {
            return "it is no JSON" + line;
        }
        String field = mapping.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : "." + part.getFieldName())
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
        if (field.isEmpty()) {
            return "it has another form" + line;
        }
        boolean unknown = e instanceof UnrecognizedPropertyException;
        return (unknown ? "unknown field '" + field + "'" : field + " is missing or of the wrong type") + line;
    }
}
