package io.hearth.fuse.plan;

import io.hearth.fuse.TestTree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The in-memory file system: what a listing's keys are as files and directories, by paths without slashes at their
 * ends.
 */
final class Snapshot {
    private static final Comparator<String> BYTE_ORDER = (one, two) ->
            Arrays.compareUnsigned(one.getBytes(StandardCharsets.UTF_8), two.getBytes(StandardCharsets.UTF_8));

    private final Map<String, Version> keys;
    private final Map<String, Node> nodes = new HashMap<>();
    private final Map<String, TreeMap<String, Node>> children = new HashMap<>();

    /** One object; of a key that ends with a slash, the marker of a directory. */
    record Version(long sizeBytes, long seed, long modifiedMs) {}

    /** A file, or a directory, of which the first two are 0. */
    record Node(boolean directory, long sizeBytes, long seed, long modifiedMs) {
        String stat() {
            String time = Math.floorDiv(modifiedMs, 1000L) + "." + Math.floorMod(modifiedMs, 1000L) * 1_000_000;
            return (directory ? "dir 555" : "file 444") + " size=" + sizeBytes + " blocks=" + (sizeBytes + 511) / 512
                    + " links=1 mtime=" + time;
        }
    }

    Snapshot(Map<String, Version> keys) {
        this.keys = Map.copyOf(keys);
        nodes.put("", new Node(true, 0, 0, 0));
        children.put("", new TreeMap<>(BYTE_ORDER));
        keys.forEach((key, version) -> {
            boolean marker = key.endsWith("/");
            String path = marker ? key.substring(0, key.length() - 1) : key;
            if (marker) {
                directory(path, version.modifiedMs());
            } else {
                directory(parent(path), 0);
            }
        });
        keys.forEach((key, version) -> {
            if (!key.endsWith("/") && !nodes.containsKey(key)) {
                nodes.put(key, new Node(false, version.sizeBytes(), version.seed(), version.modifiedMs()));
                directory(parent(key), version.modifiedMs());
            }
        });
        nodes.forEach((path, node) -> {
            if (!path.isEmpty()) {
                children.get(parent(path)).put(name(path), node);
            }
        });
    }

    private void directory(String path, long modifiedMs) {
        Node before = nodes.get(path);
        if (before == null || before.modifiedMs() < modifiedMs) {
            nodes.put(path, new Node(true, 0, 0, modifiedMs));
            children.computeIfAbsent(path, any -> new TreeMap<>(BYTE_ORDER));
        }
        if (!path.isEmpty()) {
            directory(parent(path), modifiedMs);
        }
    }

    Optional<Node> node(String path) {
        return Optional.ofNullable(nodes.get(path));
    }

    /** A line for each entry of a directory, as {@link Caller} puts them, with {@code .} and {@code ..}. */
    List<String> listing(String path) {
        List<String> lines = new ArrayList<>(List.of(". dir", ".. dir"));
        children.get(path)
                .forEach((name, node) -> lines.add(Call.printable(name) + (node.directory() ? " dir" : " type 8")));
        return lines;
    }

    String statfs() {
        long bytes = nodes.values().stream().mapToLong(Node::sizeBytes).sum();
        return "blocks=" + (bytes + 4095) / 4096 + " of 4096 free=0 files=" + nodes.size() + " names=255";
    }

    List<String> paths() {
        return nodes.keySet().stream().sorted().toList();
    }

    Map<String, Version> keys() {
        return keys;
    }

    /** The same as a listing. */
    TestTree listed() {
        TestTree tree = new TestTree();
        keys.forEach((key, version) -> tree.file(key, version.sizeBytes(), version.seed(), version.modifiedMs()));
        return tree;
    }

    static String parent(String path) {
        return path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
    }

    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
