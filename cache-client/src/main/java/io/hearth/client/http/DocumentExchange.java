package io.hearth.client.http;

import com.linecorp.armeria.client.RequestOptions;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import java.util.concurrent.CompletableFuture;

/** A call that is answered by one document, or by bytes of bounded length. */
record DocumentExchange(MasterCall call) implements MasterExchange<byte[]> {
    @Override
    public CompletableFuture<byte[]> with(WebClient master) {
        RequestOptions options = RequestOptions.builder()
                .responseTimeout(call.timeout())
                .maxResponseLength(call.answerBytesMax())
                .build();
        return master.execute(call.request("application/json, application/octet-stream"), options)
                .aggregate()
                .thenApply(DocumentExchange::body);
    }

    @Override
    public boolean repeatable() {
        return call.repeatable();
    }

    private static byte[] body(AggregatedHttpResponse response) {
        int status = response.status().code();
        if (status < 400) {
            return response.content().array();
        }
        throw MasterCalls.failureOf(status, response.content().array());
    }
}
