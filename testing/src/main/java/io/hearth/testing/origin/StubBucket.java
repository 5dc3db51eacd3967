package io.hearth.testing.origin;

import io.hearth.testing.Content;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** The objects of a stub origin and their listing. Thread-safe. */
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

    /** The document that answers a question for a listing. */
    String list(String bucket, StubListing listing) {
        return listing.answer(bucket, objects);
    }

    private static int utf8Order(String one, String other) {
        return Arrays.compareUnsigned(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
