package io.hearth.objectstore.s3;

import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.reactivestreams.Publisher;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.SdkAsyncHttpResponseHandler;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** An answer to a GET: its bytes for who asked, or what the store's error document says. */
final class GetAnswer implements SdkAsyncHttpResponseHandler {
    private final AsyncResponseTransformer<GetObjectResponse, ?> transformer;
    private final boolean dated;
    private SdkHttpResponse head;

    /** @param dated whether the answer's time is looked at, which takes as long to read as all else in its head */
    GetAnswer(AsyncResponseTransformer<GetObjectResponse, ?> transformer, boolean dated) {
        this.transformer = transformer;
        this.dated = dated;
    }

    @Override
    public void onHeaders(SdkHttpResponse response) {
        head = response;
        if (response.isSuccessful()) {
            transformer.onResponse(response(response));
        }
    }

    @Override
    public void onStream(Publisher<ByteBuffer> bytes) {
        if (head.isSuccessful()) {
            transformer.onStream(SdkPublisher.adapt(bytes));
        } else {
            bytes.subscribe(new ErrorDocument(head, transformer::exceptionOccurred));
        }
    }

    @Override
    public void onError(Throwable failure) {
        transformer.exceptionOccurred(failure);
    }

    /** What {@link RangeTransfer} looks at. */
    private GetObjectResponse response(SdkHttpResponse head) {
        GetObjectResponse.Builder response = GetObjectResponse.builder()
                .eTag(head.firstMatchingHeader("ETag").orElse(null))
                .contentRange(head.firstMatchingHeader("Content-Range").orElse(null))
                .contentLength(head.firstMatchingHeader("Content-Length")
                        .map(Long::valueOf)
                        .orElse(null))
                .versionId(head.firstMatchingHeader("x-amz-version-id").orElse(null))
                .lastModified(head.firstMatchingHeader("Last-Modified")
                        .filter(text -> dated)
                        .flatMap(GetAnswer::time)
                        .orElse(null));
        response.sdkHttpResponse(head);
        return response.build();
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
