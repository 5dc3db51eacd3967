package io.hearth.objectstore.s3;

import io.hearth.protocol.Credentials.SigningKeys;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignRequest;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignedRequest;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.utils.http.SdkHttpUtils;

/**
 * Signs requests without a body by AWS Signature Version 4 with the signing key of the day, which is all that a holder of
 * {@link SigningKeys} has; the SDK's own signer wants the secret. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html">Signature calculations</a>
 */
final class DaySigner implements HttpSigner<AwsCredentialsIdentity> {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String HMAC = "HmacSHA256";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int DAY_CHARS = 8;

    private final SigningKeys keys;
    private final Clock clock;
    private final String nothing;

    DaySigner(SigningKeys keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
        this.nothing = sha256("");
    }

    /** The request with its signature. */
    SdkHttpRequest sign(SdkHttpRequest request) {
        String time = TIME.format(Instant.now(clock));
        String day = time.substring(0, DAY_CHARS);
        String key = keys.byDay().get(day);
        if (key == null) {
            throw new HearthException(
                    FailureKind.DENIED,
                    "the access to the object store has ended, and no master has renewed it: start a master");
        }
        SdkHttpRequest.Builder signed = request.toBuilder()
                .putHeader("Host", host(request))
                .putHeader("X-Amz-Content-Sha256", nothing)
                .putHeader("X-Amz-Date", time);
        keys.sessionToken().ifPresent(token -> signed.putHeader("X-Amz-Security-Token", token));
        SortedMap<String, String> headers = headersToSign(signed.headers());
        String names = String.join(";", headers.keySet());
        String scope = day + "/" + keys.region() + "/s3/aws4_request";
        String text = String.join("\n", ALGORITHM, time, scope, sha256(canonical(request, headers, names)));
        String signature = HexFormat.of().formatHex(hmac(HexFormat.of().parseHex(key), text));
        return signed.putHeader(
                        "Authorization",
                        ALGORITHM + " Credential=" + keys.accessKeyId() + "/" + scope + ",SignedHeaders=" + names
                                + ",Signature=" + signature)
                .build();
    }

    @Override
    public SignedRequest sign(SignRequest<? extends AwsCredentialsIdentity> request) {
        return SignedRequest.builder()
                .request(sign(request.request()))
                .payload(request.payload().orElse(null))
                .build();
    }

    @Override
    public CompletableFuture<AsyncSignedRequest> signAsync(AsyncSignRequest<? extends AwsCredentialsIdentity> request) {
        return CompletableFuture.completedFuture(AsyncSignedRequest.builder()
                .request(sign(request.request()))
                .payload(request.payload().orElse(null))
                .build());
    }

    /** The key that requests of a day are signed with. */
    static String key(String secretAccessKey, String day, String region) {
        byte[] key = ("AWS4" + secretAccessKey).getBytes(StandardCharsets.UTF_8);
        for (String part : List.of(day, region, "s3", "aws4_request")) {
            key = hmac(key, part);
        }
        return HexFormat.of().formatHex(key);
    }

    private static String canonical(SdkHttpRequest request, SortedMap<String, String> headers, String names) {
        String lines = headers.entrySet().stream()
                .map(header -> header.getKey() + ":" + header.getValue() + "\n")
                .collect(Collectors.joining());
        String path = request.encodedPath().isEmpty() ? "/" : request.encodedPath();
        return String.join(
                "\n", request.method().name(), path, query(request), lines, names, headers.get("x-amz-content-sha256"));
    }

    private static String query(SdkHttpRequest request) {
        SortedMap<String, List<String>> parameters = new TreeMap<>();
        request.rawQueryParameters()
                .forEach((name, values) -> parameters.put(
                        SdkHttpUtils.urlEncode(name),
                        values.stream()
                                .map(value -> value == null ? "" : SdkHttpUtils.urlEncode(value))
                                .sorted()
                                .toList()));
        return parameters.entrySet().stream()
                .flatMap(parameter -> parameter.getValue().stream().map(value -> parameter.getKey() + "=" + value))
                .collect(Collectors.joining("&"));
    }

    /** What says which bytes are asked for; other headers may be changed on their way. */
    private static SortedMap<String, String> headersToSign(Map<String, List<String>> headers) {
        SortedMap<String, String> signed = new TreeMap<>();
        headers.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.equals("host")
                    || lower.equals("range")
                    || lower.startsWith("if-")
                    || lower.startsWith("x-amz-")) {
                signed.put(lower, values.stream().map(String::strip).collect(Collectors.joining(",")));
            }
        });
        return signed;
    }

    private static String host(SdkHttpRequest request) {
        boolean usual = SdkHttpUtils.isUsingStandardPort(request.protocol(), request.port());
        return usual ? request.host() : request.host() + ":" + request.port();
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
