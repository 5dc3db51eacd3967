package io.hearth.client.http;

import io.hearth.protocol.api.Json;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.time.Duration;

/**
 * One call of the API.
 *
 * @param timeout how long the answer may take, once a master has been reached
 * @param repeatable whether it may be sent again when it is not known whether a master has done it
 * @param answerBytesMax largest answer taken
 */
record MasterCall(
        HttpMethod method,
        String path,
        byte[] body,
        AsciiString type,
        Duration timeout,
        int answerBytesMax,
        boolean repeatable) {
    private static final int DOCUMENT_BYTES_MAX = 64 << 20;
    private static final byte[] NOTHING = {};
    private static final AsciiString JSON = HttpHeaderValues.APPLICATION_JSON;

    static MasterCall get(String path, Duration timeout) {
        return new MasterCall(HttpMethod.GET, path, NOTHING, JSON, timeout, DOCUMENT_BYTES_MAX, true);
    }

    static MasterCall delete(String path, Duration timeout) {
        return new MasterCall(HttpMethod.DELETE, path, NOTHING, JSON, timeout, DOCUMENT_BYTES_MAX, true);
    }

    static MasterCall post(String path, Object document, Duration timeout) {
        return send(HttpMethod.POST, path, document, timeout);
    }

    static MasterCall put(String path, Object document, Duration timeout) {
        return send(HttpMethod.PUT, path, document, timeout);
    }

    /** A POST without a body. */
    static MasterCall poke(String path, Duration timeout) {
        return new MasterCall(HttpMethod.POST, path, NOTHING, JSON, timeout, DOCUMENT_BYTES_MAX, true);
    }

    static MasterCall postBytes(String path, byte[] body, Duration timeout) {
        return sendBytes(HttpMethod.POST, path, body, timeout);
    }

    static MasterCall putBytes(String path, byte[] body, Duration timeout) {
        return sendBytes(HttpMethod.PUT, path, body, timeout);
    }

    private static MasterCall sendBytes(HttpMethod method, String path, byte[] body, Duration timeout) {
        AsciiString bytes = HttpHeaderValues.APPLICATION_OCTET_STREAM;
        return new MasterCall(method, path, body, bytes, timeout, DOCUMENT_BYTES_MAX, true);
    }

    /**
     * @param prefix of the master's paths; empty, or with a slash in front and none behind
     * @param accept the types of answer that are understood
     */
    FullHttpRequest request(String authority, String prefix, String accept) {
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, prefix + path, Unpooled.wrappedBuffer(body));
        request.headers().set(HttpHeaderNames.HOST, authority).set(HttpHeaderNames.ACCEPT, accept);
        if (body.length > 0) {
            request.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        }
        if (body.length > 0 || !method.equals(HttpMethod.GET)) {
            request.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
        }
        return request;
    }

    MasterCall once() {
        return new MasterCall(method, path, body, type, timeout, answerBytesMax, false);
    }

    MasterCall answerBytesMax(int bytes) {
        return new MasterCall(method, path, body, type, timeout, bytes, repeatable);
    }

    private static MasterCall send(HttpMethod method, String path, Object document, Duration timeout) {
        return new MasterCall(method, path, Json.write(document), JSON, timeout, DOCUMENT_BYTES_MAX, true);
    }

    /** Method and path; bodies are never shown. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
