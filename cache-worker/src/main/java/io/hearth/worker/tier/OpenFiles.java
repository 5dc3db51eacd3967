package io.hearth.worker.tier;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;

/** Files that are open although nobody holds them, the longest idle first, up to a bound. Thread-safe. */
final class OpenFiles {
    private final int filesMax;
    private final LinkedHashSet<ObjectFile> idle = new LinkedHashSet<>();

    OpenFiles(int filesMax) {
        this.filesMax = filesMax;
    }

    /** Takes a file that lost its last holder; gives one that should be closed now. */
    synchronized Optional<ObjectFile> add(ObjectFile file) {
        idle.remove(file);
        idle.add(file);
        if (idle.size() <= filesMax) {
            return Optional.empty();
        }
        Iterator<ObjectFile> eldest = idle.iterator();
        ObjectFile closing = eldest.next();
        eldest.remove();
        return Optional.of(closing);
    }

    synchronized void remove(ObjectFile file) {
        idle.remove(file);
    }
}
