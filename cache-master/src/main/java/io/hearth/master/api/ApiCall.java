package io.hearth.master.api;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;

/** One call: its parameters and its body. */
public record ApiCall(ServiceRequestContext context, byte[] body) {
    public String param(String name) {
        String value = context.pathParam(name);
        if (value == null) {
            throw new IllegalStateException("the route has no parameter " + name);
        }
        return value;
    }

    public DatasetName dataset() {
        return new DatasetName(param("ns"), param("name"));
    }

    public <T> T json(Class<T> type) {
        return Json.read(body, type);
    }

    public long longQuery(String name) {
        String value = context.queryParam(name);
        try {
            return Long.parseLong(value == null ? "" : value);
        } catch (NumberFormatException e) {
            throw new HearthException(FailureKind.INVALID, "the query parameter " + name + " must be a number", e);
        }
    }

    /** A field that the document must have. */
    public static <T> T required(String field, T value) {
        if (value == null) {
            throw new HearthException(FailureKind.INVALID, "the document lacks " + field);
        }
        return value;
    }
}
