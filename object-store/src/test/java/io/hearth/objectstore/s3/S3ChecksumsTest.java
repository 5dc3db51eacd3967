package io.hearth.objectstore.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectChecksum.Algorithm;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.Validator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/** Which checksums of a HEAD say something of the whole object. */
class S3ChecksumsTest {
    private static final String ETAG = "\"0123456789abcdef0123456789abcdef\"";

    private final S3ObjectStores stores =
            new S3ObjectStores(OriginSettings.defaults(), new OriginMetrics(new SimpleMeterRegistry()));

    @AfterEach
    void stop() {
        stores.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-amz-checksum-crc32c: yZRlqg==                                            | CRC32C c99465aa",
                "x-amz-checksum-crc32c: yZRlqg==; x-amz-checksum-type: FULL_OBJECT          | CRC32C c99465aa",
                "x-amz-checksum-crc32c: yZRlqg==; x-amz-checksum-type: COMPOSITE            | ''",
                "x-amz-checksum-crc32c: yZRlqg==-3                                          | ''",
                "x-amz-checksum-crc64nvme: rosUhgp5mIg=                                     | CRC64NVME ae8b14860a799888",
                "x-amz-checksum-crc32: y/Q5Jg==; x-amz-checksum-crc32c: yZRlqg==            | CRC32C c99465aa, CRC32 cbf43926",
                "x-amz-meta-other: 1                                                        | ''",
            })
    void takesWhatIsOfTheWholeObject(String headers, String found) throws Exception {
        AtomicReference<String> asked = new AtomicReference<>();
        try (StubServer server = new StubServer(exchange -> {
                    asked.set(exchange.getRequestMethod() + " "
                            + exchange.getRequestHeaders().getFirst("x-amz-checksum-mode") + " "
                            + exchange.getRequestHeaders().getFirst("If-Match"));
                    exchange.getResponseHeaders().add("ETag", ETAG);
                    for (String header : headers.split("; ")) {
                        exchange.getResponseHeaders().add(header.split(": ")[0], header.split(": ")[1]);
                    }
                    exchange.sendResponseHeaders(200, -1);
                });
                ObjectStore store = stores.open(server.access())) {
            List<ObjectChecksum> checksums =
                    store.checksums("key", new Validator.StrongEtag(ETAG)).get(10, TimeUnit.SECONDS);
            assertEquals(found, checksums.stream().map(ObjectChecksum::toString).collect(Collectors.joining(", ")));
            assertEquals("HEAD ENABLED " + ETAG, asked.get());
        }
    }

    @Test
    void anotherVersionIsStaleThoughTheStoreIgnoresIfMatch() throws Exception {
        try (StubServer server = new StubServer(exchange -> {
                    exchange.getResponseHeaders().add("ETag", "\"other\"");
                    exchange.sendResponseHeaders(200, -1);
                });
                ObjectStore store = stores.open(server.access())) {
            ExecutionException thrown = assertThrows(
                    ExecutionException.class,
                    () -> store.checksums("key", new Validator.StrongEtag(ETAG)).get(10, TimeUnit.SECONDS));
            assertEquals(FailureKind.STALE, HearthException.of(thrown).kind());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'',                                       bucket,          '',      false, 1",
        "https://s3.eu-west-1.amazonaws.com,       bucket,          AES256,  false, 1",
        "https://s3.cn-north-1.amazonaws.com.cn,   bucket,          '',      false, 1",
        "https://minio.example.org,                bucket,          '',      false, 0",
        "https://amazonaws.com.example.org,        bucket,          '',      false, 0",
        "'',                                       bucket,          aws:kms, false, 0",
        "'',                                       bucket,          '',      true,  0",
        "'',                                       name--az1--x-s3, '',      false, 0",
    })
    void anEtagIsAnMd5OnlyWhereS3SaysSo(String endpoint, String bucket, String sse, boolean customerKey, int found) {
        HeadObjectResponse.Builder head = HeadObjectResponse.builder().eTag(ETAG);
        if (!sse.isEmpty()) {
            head.serverSideEncryption(sse);
        }
        if (customerKey) {
            head.sseCustomerAlgorithm("AES256");
        }
        Optional<URI> uri = endpoint.isEmpty() ? Optional.empty() : Optional.of(URI.create(endpoint));
        OriginSpec origin = new OriginSpec(bucket, "", uri, Optional.empty(), false);
        List<ObjectChecksum> checksums = S3Checksums.of(head.build(), origin);
        assertEquals(found, checksums.size());
        checksums.forEach(checksum -> assertEquals(Algorithm.MD5, checksum.algorithm()));
        assertEquals(
                List.of(),
                S3Checksums.of(head.eTag(ETAG.replace("ef\"", "ef-2\"")).build(), origin));
    }
}
