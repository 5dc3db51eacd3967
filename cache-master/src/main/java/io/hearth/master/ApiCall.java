package io.hearth.master;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import java.net.InetAddress;

/** One call: its parameters and its body. */
record ApiCall(ServiceRequestContext context, byte[] body) {
    String param(String name) {
        String value = context.pathParam(name);
        if (value == null) {
            throw new IllegalStateException("the route has no parameter " + name);
        }
        return value;
    }

    DatasetName dataset() {
        return new DatasetName(param("ns"), param("name"));
    }

    <T> T json(Class<T> type) {
        return Json.read(body, type);
    }

    long longQuery(String name) {
        String value = context.queryParam(name);
        try {
            return Long.parseLong(value == null ? "" : value);
        } catch (NumberFormatException e) {
            throw new HearthException(FailureKind.INVALID, "the query parameter " + name + " must be a number", e);
        }
    }

    boolean fromLoopback() {
        InetAddress remote = context.remoteAddress().getAddress();
        return remote != null && remote.isLoopbackAddress();
    }

    /** A field that the document must have. */
    static <T> T required(String field, T value) {
        if (value == null) {
            throw new HearthException(FailureKind.INVALID, "the document lacks " + field);
        }
        return value;
    }
}
