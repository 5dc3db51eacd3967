package io.hearth.objectstore.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.OriginCheck;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.api.CheckReport.Finding;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginCheckTest {
    private static final List<String> SUBJECTS = List.of("endpoint", "credentials", "bucket", "prefix");

    private final S3ObjectStores stores =
            new S3ObjectStores(OriginSettings.defaults(), new OriginMetrics(new SimpleMeterRegistry()));

    @AfterEach
    void stop() {
        stores.close();
    }

    @ParameterizedTest
    @CsvSource({
        "503, SlowDown,              '',                             endpoint,    slow down",
        "403, InvalidAccessKeyId,    '',                             credentials, access key id",
        "403, SignatureDoesNotMatch, '',                             credentials, secret access key",
        "403, AccessDenied,          '',                             credentials, list",
        "404, NoSuchBucket,          '',                             bucket,      no bucket 'bucket'",
        "301, PermanentRedirect,     x-amz-bucket-region: eu-west-7, bucket,      region eu-west-7",
        "400, AuthorizationHeaderMalformed, x-amz-bucket-region: eu-west-7, bucket, region eu-west-7",
    })
    void endsWithTheFirstThatIsWrong(int status, String code, String header, String subject, String words) {
        List<Finding> findings = check(StubServer.error(status, code, header));
        Finding last = findings.get(findings.size() - 1);
        assertEquals(
                SUBJECTS.subList(0, SUBJECTS.indexOf(subject) + 1),
                findings.stream().map(Finding::subject).toList());
        assertTrue(!last.ok() && last.detail().contains(words), last::toString);
        assertTrue(findings.stream().filter(finding -> finding != last).allMatch(Finding::ok), findings::toString);
    }

    @Test
    void anEmptyPrefixIsWrong() {
        List<Finding> findings = check(list(""));
        assertEquals(SUBJECTS, findings.stream().map(Finding::subject).toList());
        assertTrue(
                !findings.get(3).ok() && findings.get(3).detail().contains("no objects below s3://bucket/"),
                findings::toString);
    }

    @Test
    void objectsThatMayBeListedButNotReadAreTheCredentialsFault() {
        StubServer.Answer list = list("<Contents><Key>k</Key><Size>5</Size><ETag>\"v1\"</ETag></Contents>");
        List<Finding> findings = check(exchange -> {
            boolean listing = exchange.getRequestURI().toString().contains("list-type");
            (listing ? list : StubServer.error(403, "AccessDenied", "")).to(exchange);
        });
        Finding last = findings.get(findings.size() - 1);
        assertTrue(
                !last.ok()
                        && last.subject().equals("credentials")
                        && last.detail().contains("get of s3://bucket/k"),
                findings::toString);
    }

    @Test
    void allIsWellWithAnObjectThatCanBeRead() {
        StubServer.Answer list = list("<Contents><Key>k</Key><Size>5</Size><ETag>\"v1\"</ETag></Contents>");
        List<Finding> findings = check(exchange -> {
            boolean listing = exchange.getRequestURI().toString().contains("list-type");
            (listing ? list : StubServer.range(206, "bytes 0-0/5", 1, 1)).to(exchange);
        });
        assertEquals(SUBJECTS, findings.stream().map(Finding::subject).toList());
        assertTrue(findings.stream().allMatch(Finding::ok), findings::toString);
    }

    private List<Finding> check(StubServer.Answer answer) {
        try (StubServer server = new StubServer(answer)) {
            OriginAccess access = server.access();
            return new OriginCheck(stores).check(access).join();
        }
    }

    private static StubServer.Answer list(String contents) {
        return exchange -> {
            byte[] body = ("<ListBucketResult><IsTruncated>false</IsTruncated>" + contents + "</ListBucketResult>")
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        };
    }
}
