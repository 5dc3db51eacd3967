package io.hearth.fuse.tree;

import io.hearth.fuse.FuseFileSystem;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.generation.Numbers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Numbers the directories of paths that come in order: all that begins with {@code a/} comes together, so that one
 * directory and those above it are all that need be known. Known by path besides are the mounts' directories, and those
 * that a marker has named until something in them comes: {@code a} comes before {@code a-b}, and that before
 * {@code a/c}. Not thread-safe.
 */
final class DirectoryStack {
    private static final byte[] NO_NAME = {};

    private final InodeHash hash;
    private final TextColumn names = new TextColumn();
    private final Numbers parents = new Numbers();
    private long[] pathHashes = new long[16];
    private long[] modifiedMs = new long[16];
    private final Set<String> mounts = new HashSet<>();
    private final Map<String, Integer> known = new HashMap<>();

    /** The directory that was entered last, and the numbers on the way to it from the root. */
    private String current = "";

    private int[] way = new int[16];
    private int depth;

    DirectoryStack(InodeHash hash, List<String> mountPaths) {
        this.hash = hash;
        names.add(NO_NAME);
        parents.add(0);
        pathHashes[0] = FuseFileSystem.ROOT;
        for (String path : mountPaths) {
            for (String part = path; !part.isEmpty(); part = parentOf(part)) {
                mounts.add(part);
            }
        }
        mountPaths.forEach(this::enter);
    }

    static String parentOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    /** The number of a directory: a new one where it has none. */
    int enter(String path) {
        while (!below(path, current)) {
            current = parentOf(current);
            depth--;
        }
        while (current.length() < path.length()) {
            int slash = path.indexOf('/', current.isEmpty() ? 0 : current.length() + 1);
            push(slash < 0 ? path : path.substring(0, slash));
        }
        return way[depth];
    }

    /** A directory that is named itself. */
    void marker(String path, long modified) {
        int parent = enter(parentOf(path));
        int number = known.computeIfAbsent(path, unknown -> create(parent, unknown));
        modified(number, modified);
    }

    /** Something in a directory is of that time. */
    void modified(int directory, long modified) {
        modifiedMs[directory] = Math.max(modifiedMs[directory], modified);
    }

    long pathHash(int directory) {
        return pathHashes[directory];
    }

    /** All of them. Call once. */
    Directories finish() {
        int count = parents.count();
        for (int directory = count - 1; directory > 0; directory--) {
            // Its parent has a smaller number.
            modified(parents.get(directory), modifiedMs[directory]);
        }
        return new Directories(
                names.trim(), parents.toArray(), Arrays.copyOf(pathHashes, count), Arrays.copyOf(modifiedMs, count));
    }

    private void push(String path) {
        Integer number = mounts.contains(path) ? known.get(path) : known.remove(path);
        int directory = number == null ? create(way[depth], path) : number;
        if (mounts.contains(path)) {
            known.put(path, directory);
        }
        if (++depth == way.length) {
            way = Arrays.copyOf(way, 2 * depth);
        }
        way[depth] = directory;
        current = path;
    }

    private int create(int parent, String path) {
        byte[] name = path.substring(path.lastIndexOf('/') + 1).getBytes(StandardCharsets.UTF_8);
        if (name.length == 0) {
            throw new HearthException(FailureKind.INVALID, "the listing names a directory with an empty name");
        }
        int number = parents.count();
        if (number == pathHashes.length) {
            pathHashes = Arrays.copyOf(pathHashes, number + (number >> 1));
            modifiedMs = Arrays.copyOf(modifiedMs, number + (number >> 1));
        }
        names.add(name);
        parents.add(parent);
        pathHashes[number] = hash.path(pathHashes[parent], name, 0, name.length);
        return number;
    }

    private static boolean below(String path, String directory) {
        return directory.isEmpty()
                || path.startsWith(directory)
                        && (path.length() == directory.length() || path.charAt(directory.length()) == '/');
    }
}
