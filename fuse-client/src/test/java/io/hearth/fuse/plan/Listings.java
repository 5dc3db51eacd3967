package io.hearth.fuse.plan;

import io.hearth.fuse.plan.Snapshot.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Random listings, and changes of them: odd names, files in each other's place, many files in one directory. */
final class Listings {
    private static final String[] NAMES = {
        "a",
        "a-b",
        "a.b",
        "b",
        "A",
        "ä",
        "文",
        "\uD83D\uDD25",
        "\uFF5E",
        "z z",
        "-rf",
        ".hidden",
        "...",
        "new\nline",
        "tab\t",
        "back\\slash",
        "%s",
        "\"quote'",
        "\u0001",
        "e\u0301",
        "n".repeat(255),
        "ü".repeat(127),
        "*"
    };
    private static final int SMALL = 5000;
    private static final int MIDDLE = 300_000;
    private static final int LARGE = 3_000_000;

    private final Random random;
    private final String top;
    private long nextSeed;

    /** @param top of all names, so that plans do not meet */
    Listings(Random random, String top) {
        this.random = random;
        this.top = top;
        this.nextSeed = 1 + random.nextInt(1 << 30);
    }

    Snapshot first() {
        Map<String, Version> keys = new TreeMap<>();
        for (int i = random.nextInt(25); i >= 0; i--) {
            put(keys, path(1 + random.nextInt(4)));
        }
        if (random.nextInt(8) == 0) {
            String crowded = path(1 + random.nextInt(2));
            for (int i = 200 + random.nextInt(400); i > 0; i--) {
                keys.put(crowded + "/f" + i, new Version(i % 7, nextSeed++, time()));
            }
        }
        return new Snapshot(keys);
    }

    Snapshot changed(Snapshot before) {
        Map<String, Version> keys = new TreeMap<>(before.keys());
        List<String> known = new ArrayList<>(keys.keySet());
        known.add(path(1));
        for (int i = random.nextInt(6); i >= 0; i--) {
            String key = known.get(random.nextInt(known.size()));
            switch (random.nextInt(5)) {
                case 0 -> keys.remove(key);
                case 1 -> put(keys, key.endsWith("/") ? path(2) : key + "/" + name());
                case 2 -> put(keys, path(1 + random.nextInt(4)));
                default -> replace(keys, key);
            }
        }
        return new Snapshot(keys);
    }

    private void put(Map<String, Version> keys, String path) {
        if (random.nextInt(10) == 0) {
            keys.put(path + "/", new Version(0, 0, time()));
        } else {
            keys.put(path, new Version(size(), nextSeed++, time()));
        }
    }

    /** Another object at the path; often of the same size, or the same time. */
    private void replace(Map<String, Version> keys, String key) {
        Version old = keys.get(key);
        if (old != null && !key.endsWith("/")) {
            long size = random.nextBoolean() ? old.sizeBytes() : size();
            keys.put(key, new Version(size, nextSeed++, random.nextInt(3) == 0 ? old.modifiedMs() : time()));
        }
    }

    String name() {
        return NAMES[random.nextInt(random.nextBoolean() ? 4 : NAMES.length)];
    }

    private String path(int names) {
        StringBuilder path = new StringBuilder(top);
        for (int i = 0; i < names; i++) {
            path.append('/').append(name());
        }
        return path.toString();
    }

    private long size() {
        return switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> 4096;
            case 2, 3, 4 -> random.nextInt(MIDDLE);
            case 5 -> random.nextInt(LARGE);
            default -> random.nextInt(SMALL);
        };
    }

    private long time() {
        return 1_700_000_000_000L + random.nextInt(1000) * 1000L + (random.nextBoolean() ? random.nextInt(1000) : 0);
    }
}
