package io.hearth.launcher.process;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.trust.ClusterToken;

/**
 * Lets in only who shows the cluster's token, as {@code Authorization: Bearer TOKEN} (RFC 6750); others get 401 and one
 * line.
 */
record TokenAsked(ClusterToken token) implements DecoratingHttpServiceFunction {
    private static final String SCHEME = "Bearer ";
    private static final int STATUS = 401;

    @Override
    public HttpResponse serve(HttpService delegate, ServiceRequestContext context, HttpRequest request)
            throws Exception {
        String header = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
        boolean bearer = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        if (token.admits(bearer ? header.substring(SCHEME.length()).strip() : "")) {
            return delegate.serve(context, request);
        }
        String line = header.isEmpty()
                ? "this cluster asks for its token, and none was shown: give this side the same trust.token-file"
                : "the token shown is not this cluster's: give both sides the same trust.token-file";
        ResponseHeaders headers = ResponseHeaders.builder(HttpStatus.valueOf(STATUS))
                .contentType(MediaType.JSON)
                .set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"hearth\"")
                .build();
        ErrorDocument error = new ErrorDocument(STATUS, FailureKind.DENIED.code(), line);
        return HttpResponse.of(headers, HttpData.wrap(Json.write(error)));
    }
}
