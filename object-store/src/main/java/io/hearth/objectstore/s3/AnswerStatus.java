package io.hearth.objectstore.s3;

import io.hearth.objectstore.OriginMetrics;
import io.hearth.protocol.HearthException;
import java.util.concurrent.CancellationException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/** How a request ended, in the words of {@link OriginMetrics#STATUSES}. */
final class AnswerStatus {
    static final String GOOD = "2xx";

    private AnswerStatus() {}

    /** @param failure translated by {@link S3Failures} */
    static String of(Throwable failure) {
        if (failure instanceof CancellationException) {
            return "cancelled";
        }
        if (failure.getCause() instanceof SdkServiceException answer) {
            String exact = Integer.toString(answer.statusCode());
            String ofClass = exact.charAt(0) + "xx";
            return OriginMetrics.STATUSES.contains(exact)
                    ? exact
                    : OriginMetrics.STATUSES.contains(ofClass) ? ofClass : "bad-answer";
        }
        return switch (HearthException.of(failure).kind()) {
            case TIMEOUT -> "timeout";
            case CORRUPT, STALE -> "bad-answer";
            default -> "none";
        };
    }
}
