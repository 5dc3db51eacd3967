package io.hearth.objectstore.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.Credentials.Keys;
import io.hearth.protocol.Credentials.SigningKeys;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;

class DaySignerTest {
    /** Of the examples in AWS's description of the signature. */
    private static final Keys EXAMPLE =
            new Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Optional.empty());

    private static final Instant EXAMPLE_TIME = Instant.parse("2013-05-24T00:00:00Z");

    private static OriginAccess access(Keys keys) {
        return new OriginAccess(
                OriginSpec.parse("s3://examplebucket", Optional.empty(), Optional.of("us-east-1"), false), keys);
    }

    private static SigningKeys lent(Instant now, Duration lives) {
        return (SigningKeys) SigningKeyRing.lend(access(EXAMPLE), now, lives).credentials();
    }

    private static SdkHttpRequest.Builder get(String path) {
        return SdkHttpRequest.builder()
                .method(SdkHttpMethod.GET)
                .protocol("https")
                .host("examplebucket.s3.amazonaws.com")
                .encodedPath(path);
    }

    private static String authorization(SdkHttpRequest request) {
        SigningKeys keys = lent(EXAMPLE_TIME, Duration.ofHours(1));
        return new DaySigner(keys, Clock.fixed(EXAMPLE_TIME, ZoneOffset.UTC))
                .sign(request)
                .firstMatchingHeader("Authorization")
                .orElse("");
    }

    @Test
    void aGetOfARangeIsSignedAsInTheDescription() {
        String signed =
                authorization(get("/test.txt").putHeader("Range", "bytes=0-9").build());
        assertEquals(
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                        + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                        + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
                signed);
    }

    @Test
    void aListingIsSignedAsInTheDescription() {
        String signed = authorization(get("/").putRawQueryParameter("prefix", "J")
                .putRawQueryParameter("max-keys", "2")
                .build());
        assertTrue(
                signed.endsWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"), signed);
    }

    @Test
    void headersThatOthersMayChangeAreNotSigned() {
        SdkHttpRequest plain = get("/test.txt").build();
        SdkHttpRequest more = plain.toBuilder()
                .putHeader("User-Agent", "hearth")
                .putHeader("amz-sdk-request", "attempt=1")
                .build();
        assertEquals(authorization(plain), authorization(more));
    }

    @Test
    void keysAreLentForTheDaysThatATicketLives() {
        Set<String> one = lent(Instant.parse("2026-11-22T10:00:00Z"), Duration.ofHours(6))
                .byDay()
                .keySet();
        assertEquals(Set.of("20261122"), one);
        Set<String> evening = lent(Instant.parse("2026-11-22T19:00:00Z"), Duration.ofHours(6))
                .byDay()
                .keySet();
        assertEquals(Set.of("20261122", "20261123"), evening);
        Set<String> midnight = lent(Instant.parse("2026-11-22T00:05:00Z"), Duration.ofHours(6))
                .byDay()
                .keySet();
        assertEquals(Set.of("20261121", "20261122"), midnight, "a clock that is behind signs for the day before");
    }

    @Test
    void aDayWithoutAKeyIsDenied() {
        SigningKeys keys = lent(EXAMPLE_TIME, Duration.ofHours(1));
        DaySigner signer = new DaySigner(keys, Clock.fixed(EXAMPLE_TIME.plus(Duration.ofDays(1)), ZoneOffset.UTC));
        HearthException ended = assertThrows(
                HearthException.class, () -> signer.sign(get("/test.txt").build()));
        assertEquals(FailureKind.DENIED, ended.kind());
    }

    @Test
    void whatIsLentNeitherHoldsNorShowsTheSecret() {
        SigningKeys keys = lent(EXAMPLE_TIME, Duration.ofHours(1));
        String all = keys.accessKeyId() + keys.sessionToken() + keys.region() + keys.byDay();
        assertFalse(all.contains(EXAMPLE.secretAccessKey()));
        assertFalse(keys.toString().contains(keys.byDay().get("20130524")));
    }

    @Test
    void anAccessWithoutKeysIsLentAsItIs() {
        OriginSpec origin = access(EXAMPLE).origin();
        OriginAccess anonymous = new OriginAccess(origin, new io.hearth.protocol.Credentials.Anonymous());
        assertSame(anonymous, SigningKeyRing.lend(anonymous, EXAMPLE_TIME, Duration.ofHours(1)));
    }

    @Test
    void equalKeysAreEqualSoThatAStoreIsOpenedOnce() {
        assertEquals(lent(EXAMPLE_TIME, Duration.ofHours(1)), lent(EXAMPLE_TIME.plusSeconds(60), Duration.ofHours(1)));
        assertEquals(
                new SigningKeys("a", Optional.empty(), "r", new TreeMap<>(Map.of("20260101", "00"))),
                new SigningKeys("a", Optional.empty(), "r", new TreeMap<>(Map.of("20260101", "00"))));
    }
}
