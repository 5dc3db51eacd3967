package io.hearth.testing.origin;

import io.hearth.testing.Content;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** The objects of a stub origin and their listing, as ListObjectsV2 gives it. Thread-safe. */
final class StubBucket {
    private static final long EPOCH_S = 1_700_000_000L;

    private final NavigableMap<String, Version> objects = new ConcurrentSkipListMap<>(StubBucket::utf8Order);
    private final AtomicLong versions = new AtomicLong();

    /** One version of an object. */
    record Version(Content content, String etag, Instant modified) {}

    /** @param parts of how many parts the object was uploaded; 0 for a simple put */
    void put(String key, Content content, int parts) {
        long number = versions.incrementAndGet();
        String etag = "\"" + String.format("%032x", number) + (parts > 0 ? "-" + parts : "") + "\"";
        objects.put(key, new Version(content, etag, Instant.ofEpochSecond(EPOCH_S + number)));
    }

    void delete(String key) {
        objects.remove(key);
    }

    Optional<Version> find(String key) {
        return Optional.ofNullable(objects.get(key));
    }

    /** The answer to a ListObjectsV2 with keys URL-encoded. */
    String list(String bucket, String prefix, String startAfter, int keysMax) {
        StringBuilder entries = new StringBuilder();
        int count = 0;
        boolean more = false;
        String from = utf8Order(startAfter, prefix) > 0 ? startAfter : prefix;
        for (Map.Entry<String, Version> object : objects.tailMap(from, true).entrySet()) {
            String key = object.getKey();
            if (key.equals(startAfter)) {
                continue;
            }
            if (!key.startsWith(prefix)) {
                break;
            }
            if (count == keysMax) {
                more = true;
                break;
            }
            count++;
            entries.append(entry(key, object.getValue()));
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>" + bucket + "</Name><KeyCount>"
                + count
                + "</KeyCount><MaxKeys>" + keysMax + "</MaxKeys><EncodingType>url</EncodingType><IsTruncated>" + more
                + "</IsTruncated>" + entries + "</ListBucketResult>";
    }

    private static String entry(String key, Version version) {
        return "<Contents><Key>" + URLEncoder.encode(key, StandardCharsets.UTF_8) + "</Key><LastModified>"
                + version.modified() + "</LastModified><ETag>" + version.etag().replace("\"", "&quot;")
                + "</ETag><Size>" + version.content().sizeBytes()
                + "</Size><StorageClass>STANDARD</StorageClass></Contents>";
    }

    private static int utf8Order(String one, String other) {
        return Arrays.compareUnsigned(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
