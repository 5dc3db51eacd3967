package io.hearth.client.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import io.hearth.protocol.api.Json;
import java.time.Duration;

/**
 * One call of the API.
 *
 * @param repeatable whether it may be sent again when it is not known whether a master has done it
 * @param answerBytesMax largest answer taken
 */
record MasterCall(
        HttpMethod method,
        String path,
        byte[] body,
        MediaType type,
        Duration timeout,
        int answerBytesMax,
        boolean repeatable) {
    private static final int DOCUMENT_BYTES_MAX = 64 << 20;
    private static final byte[] NOTHING = {};

    static MasterCall get(String path, Duration timeout) {
        return new MasterCall(HttpMethod.GET, path, NOTHING, MediaType.JSON, timeout, DOCUMENT_BYTES_MAX, true);
    }

    static MasterCall delete(String path, Duration timeout) {
        return new MasterCall(HttpMethod.DELETE, path, NOTHING, MediaType.JSON, timeout, DOCUMENT_BYTES_MAX, true);
    }

    static MasterCall post(String path, Object document, Duration timeout) {
        return send(HttpMethod.POST, path, document, timeout);
    }

    static MasterCall put(String path, Object document, Duration timeout) {
        return send(HttpMethod.PUT, path, document, timeout);
    }

    /** A POST without a body. */
    static MasterCall poke(String path, Duration timeout) {
        return new MasterCall(HttpMethod.POST, path, NOTHING, MediaType.JSON, timeout, DOCUMENT_BYTES_MAX, true);
    }

    static MasterCall postBytes(String path, byte[] body, Duration timeout) {
        return new MasterCall(HttpMethod.POST, path, body, MediaType.OCTET_STREAM, timeout, DOCUMENT_BYTES_MAX, true);
    }

    /** @param accept the types of answer that are understood */
    HttpRequest request(String accept) {
        RequestHeadersBuilder headers = RequestHeaders.builder(method, path);
        if (body.length > 0) {
            headers.contentType(type);
        }
        headers.set(HttpHeaderNames.ACCEPT, accept);
        return HttpRequest.of(headers.build(), HttpData.wrap(body));
    }

    MasterCall once() {
        return new MasterCall(method, path, body, type, timeout, answerBytesMax, false);
    }

    MasterCall answerBytesMax(int bytes) {
        return new MasterCall(method, path, body, type, timeout, bytes, repeatable);
    }

    private static MasterCall send(HttpMethod method, String path, Object document, Duration timeout) {
        return new MasterCall(method, path, Json.write(document), MediaType.JSON, timeout, DOCUMENT_BYTES_MAX, true);
    }

    /** Method and path; bodies are never shown. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
