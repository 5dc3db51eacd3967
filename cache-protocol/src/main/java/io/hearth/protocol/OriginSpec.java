package io.hearth.protocol;

import java.net.URI;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * Where an origin is: a bucket and a prefix of an S3-compatible store. Holds no secret.
 *
 * @param bucket the bucket's name
 * @param prefix the prefix, without a leading slash; empty for the whole bucket; a non-empty one ends with {@code /}
 * @param endpoint the service's URL; absent for AWS itself
 * @param region the signing region; absent: {@code us-east-1} with an endpoint, else the AWS default chain's
 * @param pathStyle whether the bucket stands in the path instead of the host name
 */
public record OriginSpec(
        String bucket, String prefix, Optional<URI> endpoint, Optional<String> region, boolean pathStyle) {
    public OriginSpec {
        Objects.requireNonNull(endpoint, "endpoint is null");
        Objects.requireNonNull(region, "region is null");
        if (bucket.isEmpty() || bucket.contains("/")) {
            throw new HearthException(FailureKind.INVALID, "'" + bucket + "' is no bucket name");
        }
        if (prefix.startsWith("/") || !prefix.isEmpty() && !prefix.endsWith("/")) {
            throw new IllegalArgumentException("prefix must be empty or 'a/b/': " + prefix);
        }
    }

    /**
     * Parses {@code s3://bucket} or {@code s3://bucket/prefix}.
     *
     * @throws HearthException {@link FailureKind#INVALID} with a line that says what is expected
     */
    public static OriginSpec parse(String uri, Optional<URI> endpoint, Optional<String> region, boolean pathStyle) {
        if (!uri.startsWith("s3://")) {
            throw new HearthException(
                    FailureKind.INVALID, "the origin '" + uri + "' must look like s3://bucket or s3://bucket/prefix");
        }
        String rest = uri.substring("s3://".length());
        int slash = rest.indexOf('/');
        String bucket = slash < 0 ? rest : rest.substring(0, slash);
        String prefix = slash < 0 ? "" : rest.substring(slash + 1);
        if (bucket.isEmpty()) {
            throw new HearthException(FailureKind.INVALID, "the origin '" + uri + "' names no bucket");
        }
        if (!prefix.isEmpty() && !prefix.endsWith("/")) {
            prefix += "/";
        }
        return new OriginSpec(bucket, prefix, endpoint, region, pathStyle);
    }

    /** The form that {@link #parse} reads. */
    public String uri() {
        return "s3://" + bucket + "/" + prefix;
    }

    /**
     * The id under which objects of this bucket are cached: 32 hexadecimal digits over endpoint, bucket and credential
     * scope. Two scopes never share bytes, so that a tenant cannot read what only another one may fetch.
     *
     * @param credentialScope the namespace and the reference of the credentials, never a secret
     */
    public String id(String credentialScope) {
        byte[] digest = Digests.start()
                .field("s3")
                .field(endpoint.map(URI::toString).orElse(""))
                .field(bucket)
                .field(credentialScope)
                .finish();
        return HexFormat.of().formatHex(digest, 0, 16);
    }
}
