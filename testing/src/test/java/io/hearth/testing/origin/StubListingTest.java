package io.hearth.testing.origin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.testing.Content;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StubListingTest {
    private final StubBucket bucket = new StubBucket();

    StubListingTest() {
        for (String key : List.of("a", "a-b/x", "a/1", "a/2", "a/b/3", "a/b/4", "a/c", "b/1", "z")) {
            bucket.put(key, Content.of(new byte[1]), 0);
        }
    }

    @Test
    void pagesTogetherGiveKeysAndCommonPrefixesOnce() {
        for (boolean second : new boolean[] {false, true}) {
            for (int keysMax = 1; keysMax < 6; keysMax++) {
                assertEquals(List.of("a", "z", "a-b/", "a/", "b/"), all(second, "", "/", keysMax));
                assertEquals(List.of("a/1", "a/2", "a/c", "a/b/"), all(second, "a/", "/", keysMax));
                assertEquals(List.of("a/1", "a/2", "a/b/3", "a/b/4", "a/c"), all(second, "a/", "", keysMax));
                assertEquals(List.of(), all(second, "c", "/", keysMax));
            }
        }
    }

    /** Keys, then common prefixes. */
    private List<String> all(boolean second, String prefix, String delimiter, int keysMax) {
        List<String> keys = new ArrayList<>();
        List<String> prefixes = new ArrayList<>();
        Optional<String> after = Optional.of("");
        for (int pages = 0; after.isPresent() && pages < 20; pages++) {
            String page = bucket.list("b", new StubListing(second, prefix, after.get(), delimiter, keysMax, false));
            keys.addAll(values(page, "Key"));
            prefixes.addAll(values(page, "CommonPrefixes><Prefix"));
            after = values(page, second ? "NextContinuationToken" : "NextMarker").stream()
                    .findFirst();
        }
        keys.addAll(prefixes);
        return keys;
    }

    private static List<String> values(String xml, String element) {
        return Pattern.compile("<" + element + ">([^<]*)<")
                .matcher(xml)
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
