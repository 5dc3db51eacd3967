package io.hearth.objectstore.s3;

import io.hearth.objectstore.OriginMetrics.Operation;
import io.hearth.objectstore.s3.http.NoConnectionException;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginSpec;
import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** Translates what the SDK throws for one bucket into Hearth's words: what is wrong, and what to do. */
final class S3Failures {
    private final OriginSpec origin;
    private final boolean signed;

    /** @param signed whether requests carry credentials */
    S3Failures(OriginSpec origin, boolean signed) {
        this.origin = origin;
        this.signed = signed;
    }

    /** @param key the key, or for a listing the prefix */
    HearthException translate(Operation operation, String key, Throwable thrown) {
        // A check of ours or a sink failed inside the SDK, which wraps what it does not know.
        Optional<HearthException> ours = inChain(HearthException.class, thrown);
        if (ours.isPresent()) {
            return ours.get();
        }
        if (thrown instanceof AwsServiceException answer) {
            return answered(operation, key, answer);
        }
        return unanswered(thrown);
    }

    private HearthException answered(Operation operation, String key, AwsServiceException answer) {
        int status = answer.statusCode();
        String code = Optional.ofNullable(answer.awsErrorDetails())
                .map(AwsErrorDetails::errorCode)
                .orElse("");
        String object = "s3://" + origin.bucket() + "/" + key;
        switch (code) {
            case "InvalidAccessKeyId", "InvalidClientTokenId":
                return failure(FailureKind.DENIED, answer, "%s does not know the access key id: check it", store());
            case "SignatureDoesNotMatch":
                return failure(
                        FailureKind.DENIED,
                        answer,
                        "%s refuses the signature: the secret access key does not belong to the access key id",
                        store());
            case "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
                return failure(
                        FailureKind.DENIED,
                        answer,
                        "%s refuses the session token (%s): get new credentials",
                        store(),
                        code);
            case "RequestTimeTooSkewed":
                return failure(
                        FailureKind.DENIED, answer, "%s says that this machine's clock is wrong: set it", store());
            case "NoSuchBucket":
                return failure(
                        FailureKind.NOT_FOUND,
                        answer,
                        "there is no bucket '%s' at %s: check its name",
                        origin.bucket(),
                        store());
            case "InvalidBucketName":
                return failure(FailureKind.INVALID, answer, "%s takes no bucket name '%s'", store(), origin.bucket());
            case "RequestTimeout":
                return failure(FailureKind.TIMEOUT, answer, "%s gave up waiting for the request", store());
            case "SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests":
                return failure(FailureKind.OVERLOADED, answer, "%s asks to slow down (%s)", store(), code);
            default:
                break;
        }
        Optional<String> region =
                answer.awsErrorDetails() == null || answer.awsErrorDetails().sdkHttpResponse() == null
                        ? Optional.empty()
                        : answer.awsErrorDetails().sdkHttpResponse().firstMatchingHeader("x-amz-bucket-region");
        return switch (status) {
            case 301, 307, 400 ->
                region.isPresent() || status != 400 || code.equals("AuthorizationHeaderMalformed")
                        ? failure(
                                FailureKind.INVALID,
                                answer,
                                "bucket '%s' is in %s, not in %s: set the origin's region and endpoint accordingly",
                                origin.bucket(),
                                region.map(name -> "region " + name).orElse("another region"),
                                origin.region().orElse("the default region"))
                        : other(FailureKind.INVALID, answer, status, code);
            case 401, 403 ->
                failure(
                        FailureKind.DENIED,
                        answer,
                        "%s denies %s of %s %s: %s",
                        store(),
                        operation.label(),
                        object,
                        signed ? "with these credentials" : "without credentials",
                        signed ? "check that they may read the bucket" : "give credentials, or make it public");
            case 404 ->
                switch (operation) {
                    case GET -> failure(FailureKind.STALE, answer, "%s was deleted at the origin", object);
                    case HEAD -> failure(FailureKind.NOT_FOUND, answer, "there is no %s at %s", object, store());
                    case LIST ->
                        failure(
                                FailureKind.NOT_FOUND,
                                answer,
                                "there is no bucket '%s' at %s: check its name and the endpoint",
                                origin.bucket(),
                                store());
                };
            case 405 ->
                operation == Operation.GET
                        ? failure(FailureKind.STALE, answer, "%s was deleted at the origin", object)
                        : other(FailureKind.INVALID, answer, status, code);
            case 412 -> failure(FailureKind.STALE, answer, "%s was overwritten at the origin", object);
            case 416 -> failure(FailureKind.STALE, answer, "%s is shorter at the origin than it was", object);
            case 408, 504 -> failure(FailureKind.TIMEOUT, answer, "%s gave up (HTTP %d)", store(), status);
            // S3 answers 500 as well as 503 where too much is asked of it.
            case 429, 500, 503 ->
                failure(FailureKind.OVERLOADED, answer, "%s is overloaded (HTTP %d)", store(), status);
            default -> other(status >= 500 ? FailureKind.UNAVAILABLE : FailureKind.INVALID, answer, status, code);
        };
    }

    private HearthException other(FailureKind kind, AwsServiceException answer, int status, String code) {
        String said = Optional.ofNullable(answer.awsErrorDetails())
                .map(AwsErrorDetails::errorMessage)
                .orElse("no message");
        return failure(kind, answer, "%s answered HTTP %d %s: %s", store(), status, code, said.replace('\n', ' '));
    }

    private HearthException unanswered(Throwable thrown) {
        String said = oneLine(thrown);
        if (said.contains("Unable to load credentials")) {
            return failure(
                    FailureKind.DENIED,
                    thrown,
                    "the AWS default chain of this process finds no credentials: set some, or ask for anonymous access");
        } else if (said.contains("Unable to load region")) {
            return failure(
                    FailureKind.INVALID,
                    thrown,
                    "the AWS default chain of this process finds no region: set the origin's region");
        }
        Optional<IOException> network = inChain(IOException.class, thrown);
        if (network.isPresent()) {
            return network(network.get(), thrown);
        }
        return thrown instanceof SdkException
                ? failure(FailureKind.UNAVAILABLE, thrown, "%s does not answer like an S3 store: %s", store(), said)
                : HearthException.of(thrown);
    }

    private HearthException network(IOException failed, Throwable thrown) {
        String said = oneLine(failed);
        if (failed instanceof UnknownHostException) {
            return failure(
                    FailureKind.UNAVAILABLE,
                    thrown,
                    "the host of %s is unknown: check the endpoint%s",
                    store(),
                    origin.pathStyle() ? "" : ", or set path style if the store has no host name per bucket");
        } else if (failed instanceof ConnectTimeoutException) {
            return failure(FailureKind.TIMEOUT, thrown, "%s does not answer (%s)", store(), said);
        } else if (failed instanceof ConnectException && said.contains("refused")) {
            return failure(
                    FailureKind.UNAVAILABLE,
                    thrown,
                    "%s refuses connections: check that it runs and the endpoint's port",
                    store());
        } else if (failed instanceof SSLException) {
            return failure(
                    FailureKind.UNAVAILABLE,
                    thrown,
                    "TLS with %s failed (%s): check http or https, and that this machine trusts its certificate",
                    store(),
                    said);
        } else if (failed instanceof NoConnectionException) {
            return failure(
                    FailureKind.OVERLOADED, thrown, "all connections to %s are taken: ask less at once", store());
        }
        return failure(FailureKind.UNAVAILABLE, thrown, "the connection to %s broke: %s", store(), said);
    }

    /** The store in messages. */
    String store() {
        return origin.endpoint().map(URI::toString).orElse("AWS S3");
    }

    private static <T extends Throwable> Optional<T> inChain(Class<T> type, Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }

    private static String oneLine(Throwable thrown) {
        return String.valueOf(thrown.getMessage()).replace('\n', ' ');
    }

    private static HearthException failure(FailureKind kind, Throwable cause, String form, Object... values) {
        return new HearthException(kind, String.format(form, values), cause);
    }
}
