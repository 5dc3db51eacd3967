package io.hearth.protocol.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.Validator;
import io.hearth.protocol.generation.Generation.Mount;
import io.hearth.protocol.generation.GenerationBuilder.Listing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GenerationBuilderTest {
    private static final Mount ROOT = new Mount("", "origin", "models/");

    @Test
    void filesAndMarkersBecomeEntriesInPathOrder() {
        Listing listing = list(List.of(ROOT), "b.bin", "a/", "a/x.bin", "", "z/empty/");
        assertEquals(List.of("a/", "a/x.bin", "b.bin", "z/empty/"), paths(listing));
        assertEquals(2, listing.generation().files());
        assertEquals(
                "models/a/x.bin",
                listing.generation().object(entries(listing).get(1)).key());
    }

    @Test
    void keysThatAreNoFileNamesAreSkippedWithTheirReason() {
        Listing listing = list(
                List.of(ROOT), "ok", "../up", "a//b", "/abs", "./dot", "nul\0byte", "n".repeat(256), "n".repeat(255));
        assertEquals(List.of("n".repeat(255), "ok"), paths(listing));
        assertEquals(6, listing.generation().skippedKeys());
        assertTrue(listing.generation().skippedExamples().stream()
                .anyMatch(skipped ->
                        skipped.key().equals("models/../up") && skipped.reason().contains("'..'")));
    }

    @Test
    void aKeyThatIsAlsoAPrefixGivesWayToTheDirectory() {
        Listing listing = list(List.of(ROOT), "a", "a/b", "a-c", "m/", "m");
        assertEquals(List.of("a-c", "a/b", "m/"), paths(listing));
        assertEquals(2, listing.generation().skippedKeys());
    }

    @Test
    void aDeeperMountHidesWhatStandsInItsPlace() {
        GenerationBuilder builder = new GenerationBuilder(List.of(ROOT, new Mount("data", "other", "")));
        add(builder, 0, "data/hidden");
        add(builder, 0, "data");
        add(builder, 0, "database");
        add(builder, 1, "seen");
        Listing listing = builder.build();
        assertEquals(List.of("data/seen", "database"), paths(listing));
        assertEquals(2, listing.generation().skippedKeys());
    }

    @Test
    void equalListingsHaveEqualIdsWhateverTheOrder() {
        assertEquals(
                list(List.of(ROOT), "a", "b", "c").generation().id(),
                list(List.of(ROOT), "c", "a", "b").generation().id());
        assertNotEquals(
                list(List.of(ROOT), "a").generation().id(),
                list(List.of(new Mount("", "origin", "other/")), "a")
                        .generation()
                        .id());
    }

    @Test
    void anAddedKeyChangesFewSegments() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            keys.add(String.format("dir-%03d/file-%05d.bin", i % 100, i));
        }
        Listing before = list(List.of(ROOT), keys.toArray(String[]::new));
        keys.add("dir-050/file-added.bin");
        Listing after = list(List.of(ROOT), keys.toArray(String[]::new));
        Set<String> changed = new HashSet<>(after.segments().keySet());
        changed.removeAll(before.segments().keySet());
        assertTrue(
                after.segments().size() >= 8,
                "20,000 keys in " + after.segments().size() + " segments");
        assertTrue(
                changed.size() <= 2, changed.size() + " of " + after.segments().size() + " segments changed");
    }

    @Test
    void segmentsSurviveTheirBytes() {
        Listing listing = list(List.of(ROOT), "\u00e4/\ud83d\udd25", "\u00e4/\ud83d\udd26", "plain", "dir/");
        listing.segments()
                .forEach((id, bytes) -> assertEquals(
                        Segment.idOf(Segment.encode(Segment.decode(bytes).entries())), id));
        assertEquals(List.of("dir/", "plain", "\u00e4/\ud83d\udd25", "\u00e4/\ud83d\udd26"), paths(listing));
    }

    @Test
    void randomKeysBecomeWhatASortedMapSays() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        System.out.println("random keys: seed " + seed);
        Random random = new Random(seed);
        String[] words = {"a", "a-b", "a.b", "b", "\u00e4", "\uff5e", "\ud83d\udd25", "z z", "aa"};
        for (int round = 0; round < 50; round++) {
            Set<String> keys = new LinkedHashSet<>();
            for (int i = random.nextInt(300); i > 0; i--) {
                String path = Stream.generate(() -> words[random.nextInt(words.length)])
                        .limit(1 + random.nextInt(4))
                        .collect(Collectors.joining("/"));
                keys.add(random.nextInt(6) == 0 ? path + "/" : path);
            }
            Listing listing = list(List.of(ROOT), keys.toArray(String[]::new));
            List<String> kept = keys.stream()
                    .filter(key -> keys.stream().noneMatch(other -> other.startsWith(key + "/")))
                    .map(key -> key.endsWith("/") ? key.substring(0, key.length() - 1) : key)
                    .sorted()
                    .toList();
            List<String> directories = keys.stream()
                    .filter(key -> key.endsWith("/"))
                    .map(key -> key.substring(0, key.length() - 1))
                    .toList();
            Set<String> expected = new TreeSet<>(kept);
            expected.addAll(directories);
            assertEquals(
                    List.copyOf(expected),
                    entries(listing).stream().map(Entry::path).toList(),
                    "seed " + seed);
            assertEquals(
                    directories.size(),
                    entries(listing).stream().filter(Entry::directory).count(),
                    "seed " + seed);
            assertEquals(keys.size() - expected.size(), listing.generation().skippedKeys(), "seed " + seed);
        }
    }

    private static Listing list(List<Mount> mounts, String... keys) {
        GenerationBuilder builder = new GenerationBuilder(mounts);
        for (String key : keys) {
            add(builder, 0, key);
        }
        return builder.build();
    }

    private static void add(GenerationBuilder builder, int mount, String key) {
        builder.add(mount, key, key.endsWith("/") ? 0 : 10, 1_700_000_000_000L, new Validator.StrongEtag("\"e\""));
    }

    private static List<Entry> entries(Listing listing) {
        List<Entry> entries = new ArrayList<>();
        listing.generation()
                .segments()
                .forEach(ref -> entries.addAll(
                        Segment.decode(listing.segments().get(ref.id())).entries()));
        return entries;
    }

    private static List<String> paths(Listing listing) {
        return entries(listing).stream()
                .map(entry -> entry.path() + (entry.directory() ? "/" : ""))
                .toList();
    }
}
