package io.hearth.master.api;

import com.linecorp.armeria.client.ClientRequestContext;
import com.linecorp.armeria.client.DecoratingHttpClientFunction;
import com.linecorp.armeria.client.HttpClient;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import io.hearth.protocol.trust.ClusterToken;

/** Shows the cluster's token with every request of a client. */
public record TokenShown(ClusterToken token) implements DecoratingHttpClientFunction {
    @Override
    public HttpResponse execute(HttpClient delegate, ClientRequestContext context, HttpRequest request)
            throws Exception {
        String shown = token.shown();
        if (!shown.isEmpty()) {
            context.setAdditionalRequestHeader(HttpHeaderNames.AUTHORIZATION, "Bearer " + shown);
        }
        return delegate.execute(context, request);
    }
}
