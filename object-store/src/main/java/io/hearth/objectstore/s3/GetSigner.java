package io.hearth.objectstore.s3;

import io.hearth.protocol.HearthException;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;

/** Signs requests without a body as S3 wants it: with the SDK's signer, version 4, or not at all. */
@FunctionalInterface
interface GetSigner {
    CompletableFuture<SdkHttpRequest> sign(SdkHttpRequest request);

    /** For who has no credentials. */
    static GetSigner none() {
        return CompletableFuture::completedFuture;
    }

    /** With keys of some days. */
    static GetSigner of(DaySigner signer) {
        return request -> {
            try {
                return CompletableFuture.completedFuture(signer.sign(request));
            } catch (HearthException e) {
                return CompletableFuture.failedFuture(e);
            }
        };
    }

    /** @param credentials asked before each request */
    static GetSigner of(IdentityProvider<? extends AwsCredentialsIdentity> credentials, String region) {
        AwsV4HttpSigner signer = AwsV4HttpSigner.create();
        return request -> credentials
                .resolveIdentity()
                .thenApply(identity -> signer.sign(signing -> signing.identity(identity)
                                .request(request)
                                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                                .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                                .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                                .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
                                .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, false))
                        .request());
    }
}
