package io.hearth.objectstore.s3;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectChecksum.Algorithm;
import io.hearth.protocol.OriginSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * What a HEAD says of a whole object's bytes. Left out is what says nothing of them: composite checksums (of the parts'
 * checksums, written {@code value-N}), and ETags that are no MD5. An ETag is the MD5 of the bytes only where the object
 * came in one part, is not encrypted with keys of KMS or of the customer, and the store is S3 itself and the bucket no
 * directory bucket (S3 API reference, "Object"); elsewhere 32 digits may be anything, and a false alarm would cost a
 * good object.
 */
final class S3Checksums {
    private static final Pattern MD5 = Pattern.compile("\"?([0-9a-f]{32})\"?");
    private static final String DIRECTORY_BUCKET_SUFFIX = "--x-s3";

    private S3Checksums() {}

    /** The cheapest to compare first; empty if there is none. */
    static List<ObjectChecksum> of(HeadObjectResponse head, OriginSpec origin) {
        List<ObjectChecksum> found = new ArrayList<>();
        if (head.checksumType() != ChecksumType.COMPOSITE) {
            Map<Algorithm, String> texts = new TreeMap<>();
            put(texts, Algorithm.CRC32C, head.checksumCRC32C());
            put(texts, Algorithm.CRC64NVME, head.checksumCRC64NVME());
            put(texts, Algorithm.CRC32, head.checksumCRC32());
            put(texts, Algorithm.SHA256, head.checksumSHA256());
            put(texts, Algorithm.SHA1, head.checksumSHA1());
            texts.forEach((algorithm, text) ->
                    decode(text).ifPresent(value -> found.add(new ObjectChecksum(algorithm, value))));
        }
        if (etagsAreMd5(head, origin) && head.eTag() != null) {
            var digits = MD5.matcher(head.eTag());
            if (digits.matches()) {
                found.add(new ObjectChecksum(Algorithm.MD5, HexFormat.of().parseHex(digits.group(1))));
            }
        }
        return found;
    }

    private static void put(Map<Algorithm, String> texts, Algorithm algorithm, String text) {
        if (text != null && !text.isEmpty()) {
            texts.put(algorithm, text);
        }
    }

    private static Optional<byte[]> decode(String text) {
        try {
            return Optional.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            // "value-N": composite, by a store that does not say so otherwise.
            return Optional.empty();
        }
    }

    private static boolean etagsAreMd5(HeadObjectResponse head, OriginSpec origin) {
        boolean plain =
                head.serverSideEncryption() == null || head.serverSideEncryption() == ServerSideEncryption.AES256;
        boolean s3 = origin.endpoint()
                .map(endpoint -> String.valueOf(endpoint.getHost()).matches(".*\\.amazonaws\\.com(\\.cn)?"))
                .orElse(true);
        return s3
                && plain
                && head.sseCustomerAlgorithm() == null
                && head.ssekmsKeyId() == null
                && !origin.bucket().endsWith(DIRECTORY_BUCKET_SUFFIX);
    }
}
