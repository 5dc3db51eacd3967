package io.hearth.testing.origin;

import io.hearth.testing.origin.StubBucket.Version;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/**
 * A question for a listing, as ListObjects and ListObjectsV2 have it.
 *
 * @param second whether it is ListObjectsV2
 * @param after the key or common prefix after which the answer begins; empty for the beginning
 * @param delimiter empty for none
 * @param encoded whether keys are to be URL-encoded
 */
record StubListing(boolean second, String prefix, String after, String delimiter, int keysMax, boolean encoded) {
    static StubListing of(Map<String, List<String>> parameters) {
        boolean second = parameter(parameters, "list-type", "1").equals("2");
        String after = second
                ? parameter(parameters, "continuation-token", parameter(parameters, "start-after", ""))
                : parameter(parameters, "marker", "");
        return new StubListing(
                second,
                parameter(parameters, "prefix", ""),
                after,
                parameter(parameters, "delimiter", ""),
                Integer.parseInt(parameter(parameters, "max-keys", "1000")),
                parameter(parameters, "encoding-type", "").equals("url"));
    }

    private static String parameter(Map<String, List<String>> parameters, String name, String absent) {
        return parameters.getOrDefault(name, List.of(absent)).get(0);
    }

    /** The document. @param objects in the order of their keys' bytes */
    String answer(String bucket, NavigableMap<String, Version> objects) {
        StringBuilder entries = new StringBuilder();
        int count = 0;
        String last = "";
        Map.Entry<String, Version> object = first(objects);
        while (object != null && object.getKey().startsWith(prefix) && count < keysMax) {
            String key = object.getKey();
            int cut = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
            last = cut < 0 ? key : key.substring(0, cut + delimiter.length());
            entries.append(cut < 0 ? entry(key, object.getValue()) : commonPrefix(last));
            object = cut < 0 ? objects.higherEntry(key) : objects.ceilingEntry(afterAll(last));
            count++;
        }
        boolean more = object != null && object.getKey().startsWith(prefix);
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                + "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>" + bucket + "</Name>"
                + "<Prefix>" + text(prefix) + "</Prefix><MaxKeys>" + keysMax + "</MaxKeys>"
                + (second ? "<KeyCount>" + count + "</KeyCount>" : "")
                + (encoded ? "<EncodingType>url</EncodingType>" : "")
                + (more ? next(last) : "")
                + "<IsTruncated>" + more + "</IsTruncated>" + entries + "</ListBucketResult>";
    }

    /** A token is told as it is, a marker as a key. */
    private String next(String last) {
        return second
                ? "<NextContinuationToken>" + escaped(last) + "</NextContinuationToken>"
                : "<NextMarker>" + text(last) + "</NextMarker>";
    }

    private Map.Entry<String, Version> first(NavigableMap<String, Version> objects) {
        if (objects.comparator().compare(after, prefix) < 0) {
            return objects.ceilingEntry(prefix);
        }
        boolean wholePrefix = !delimiter.isEmpty() && after.length() > prefix.length() && after.endsWith(delimiter);
        return wholePrefix ? objects.ceilingEntry(afterAll(after)) : objects.higherEntry(after);
    }

    /** What comes after every key that begins with {@code start}; its last character is ASCII. */
    private static String afterAll(String start) {
        return start.substring(0, start.length() - 1) + (char) (start.charAt(start.length() - 1) + 1);
    }

    private String commonPrefix(String common) {
        return "<CommonPrefixes><Prefix>" + text(common) + "</Prefix></CommonPrefixes>";
    }

    private String entry(String key, Version version) {
        return "<Contents><Key>" + text(key) + "</Key><LastModified>"
                + version.modified() + "</LastModified><ETag>" + version.etag().replace("\"", "&quot;")
                + "</ETag><Size>" + version.content().sizeBytes()
                + "</Size><StorageClass>STANDARD</StorageClass></Contents>";
    }

    private String text(String key) {
        return encoded ? URLEncoder.encode(key, StandardCharsets.UTF_8) : escaped(key);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
