package io.hearth.fuse.plan;

import io.hearth.fuse.DatasetFileSystem;
import io.hearth.fuse.plan.Snapshot.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * One mounted file system and what it is to show: now, and until the kernel has forgotten earlier answers. Between two
 * refreshes many actors may ask; thread-safe.
 */
final class Stage {
    private static final int LOG_LINES_MAX = 80;

    /** Snapshots of plans before, whose root the kernel may still have: plans are shorter than it remembers. */
    private static final int BEFORE_MAX = 30;

    private final DatasetFileSystem fileSystem;
    private final boolean pathsKeepTheirObjects;
    private final int rootBytes;
    private final Tally tally;
    private final Map<String, Pin> pins = new HashMap<>();
    private final Map<String, Long> numbers = new ConcurrentHashMap<>();
    private final Map<Long, String> numbered = new ConcurrentHashMap<>();
    private final Deque<String> log = new ArrayDeque<>();
    private volatile List<Snapshot> before = List.of();
    private volatile List<Snapshot> shown = List.of(new Snapshot(Map.of()));

    private record Pin(Node node, int handles) {}

    /** @param pathsKeepTheirObjects whether a path keeps the object that a handle has open ({@code jnr-fuse}) */
    Stage(DatasetFileSystem fileSystem, boolean pathsKeepTheirObjects, int rootBytes, Tally tally) {
        this.fileSystem = fileSystem;
        this.pathsKeepTheirObjects = pathsKeepTheirObjects;
        this.rootBytes = rootBytes;
        this.tally = tally;
    }

    /** A new plan begins: of what was shown before, only the last may still be remembered. */
    void begin(Snapshot first) {
        synchronized (log) {
            log.clear();
        }
        remember(shown);
        show(List.of(now(), first));
    }

    private void remember(List<Snapshot> all) {
        List<Snapshot> kept = new ArrayList<>(before);
        kept.addAll(all);
        before = List.copyOf(kept.subList(Math.max(0, kept.size() - BEFORE_MAX), kept.size()));
    }

    void refresh(Snapshot next) {
        tally.refreshes.increment();
        List<Snapshot> all = new ArrayList<>(shown);
        all.add(next);
        show(all);
    }

    private void show(List<Snapshot> all) {
        shown = List.copyOf(all);
        note("shown: " + now().paths().size() + " nodes");
        fileSystem.switchTo(now().listed().build(Optional.of(fileSystem.tree())));
    }

    Snapshot now() {
        return shown.get(shown.size() - 1);
    }

    /** All of this plan, and the last before it. */
    List<Snapshot> all() {
        return shown;
    }

    /** What is to be seen in the end. */
    Oracle oracle() {
        Snapshot now = now();
        return new Oracle(path -> pinned(path).or(() -> now.node(path)), now.statfs(), rootBytes);
    }

    /**
     * Whether somebody who remembers what was shown before might say so; of two paths, each may be remembered by
     * itself.
     */
    boolean was(Call call, String answer) {
        boolean refreshed = shown.size() > 2;
        // A directory that has gone may be remembered, and the name in it asked for anew; nothing is made.
        boolean ofTwoPaths = call.other().length > 0
                || answer.equals("EROFS")
                || call.verb() == Call.Verb.STATFS && answer.equals(now().statfs())
                || call.verb() == Call.Verb.SYMLINK && answer.equals("ESTALE");
        // The kernel takes for a file what is a directory by now, or the other way round, and cannot be told.
        boolean ofAnotherKind = pathsKeepTheirObjects
                && (answer.equals("EIO")
                        || call.verb() == Call.Verb.OPEN && (answer.equals("EISDIR") || answer.equals("ENOTDIR")));
        return refreshed && (ofTwoPaths || ofAnotherKind)
                || Stream.concat(before.stream(), shown.stream())
                        .anyMatch(snapshot -> new Oracle(snapshot::node, snapshot.statfs(), rootBytes)
                                .answer(call)
                                .equals(answer));
    }

    /** All that a path was in this plan, the newest first. */
    Set<Node> nodes(String path) {
        Set<Node> nodes = new LinkedHashSet<>();
        pinned(path).ifPresent(nodes::add);
        for (int i = shown.size() - 1; i >= 0; i--) {
            shown.get(i).node(path).ifPresent(nodes::add);
        }
        return nodes;
    }

    private Optional<Node> pinned(String path) {
        synchronized (pins) {
            return Optional.ofNullable(pins.get(path)).map(Pin::node);
        }
    }

    /** A handle on {@code path} was opened. */
    void opened(String path, Node node) {
        if (pathsKeepTheirObjects) {
            synchronized (pins) {
                Pin before = pins.getOrDefault(path, new Pin(node, 0));
                pins.put(path, new Pin(before.node(), before.handles() + 1));
            }
        }
    }

    /** The last that held such a handle open is about to let go. */
    void closing(String path) {
        synchronized (pins) {
            pins.computeIfPresent(
                    path, (any, pin) -> pin.handles() == 1 ? null : new Pin(pin.node(), pin.handles() - 1));
        }
    }

    /** @return whether {@code number} is that of {@code path} (printable), now and ever, and of no other */
    boolean numbered(String path, long number) {
        Long known = numbers.putIfAbsent(path, number);
        String owner = numbered.putIfAbsent(number, path);
        return (known == null || known == number) && (owner == null || owner.equals(path));
    }

    boolean pathsKeepTheirObjects() {
        return pathsKeepTheirObjects;
    }

    Tally tally() {
        return tally;
    }

    void note(String line) {
        synchronized (log) {
            if (log.size() == LOG_LINES_MAX) {
                log.removeFirst();
            }
            log.addLast(line);
        }
    }

    String log() {
        synchronized (log) {
            return String.join("\n  ", log);
        }
    }
}
