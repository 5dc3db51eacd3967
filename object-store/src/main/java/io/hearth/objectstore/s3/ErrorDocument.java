package io.hearth.objectstore.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Reads what a store says of a failure: the code and the message of its XML, as far as there is any. */
final class ErrorDocument implements Subscriber<ByteBuffer> {
    private static final int BYTES_MAX = 64 << 10;
    private static final Pattern CODE = Pattern.compile("<Code>([^<]*)</Code>");
    private static final Pattern MESSAGE = Pattern.compile("<Message>([^<]*)</Message>");

    private final SdkHttpResponse head;
    private final Consumer<Throwable> found;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** @param found told of the failure, once */
    ErrorDocument(SdkHttpResponse head, Consumer<Throwable> found) {
        this.head = head;
        this.found = found;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer buffer) {
        byte[] some = new byte[Math.min(buffer.remaining(), BYTES_MAX - bytes.size())];
        buffer.get(some);
        bytes.writeBytes(some);
    }

    @Override
    public void onError(Throwable failure) {
        onComplete(); // The status has said it already.
    }

    @Override
    public void onComplete() {
        String text = bytes.toString(UTF_8);
        AwsErrorDetails.Builder details =
                AwsErrorDetails.builder().serviceName("S3").sdkHttpResponse(head);
        first(CODE, text).ifPresent(details::errorCode);
        first(MESSAGE, text).or(head::statusText).ifPresent(details::errorMessage);
        found.accept(S3Exception.builder()
                .statusCode(head.statusCode())
                .message(first(CODE, text).orElse("HTTP " + head.statusCode()))
                .awsErrorDetails(details.build())
                .build());
    }

    private static Optional<String> first(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        return found.find() ? Optional.of(found.group(1).strip()) : Optional.empty();
    }
}
