package io.hearth.worker.descriptor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the kernel keeps for processes that live on after their connection broke: their mounts' nodes still name it, and
 * a second open beside a handle that lives must give the same id. By the process's number. Thread-safe.
 */
final class LeftFiles {
    private final Map<Long, List<PeerFiles>> files = new HashMap<>();

    synchronized void add(long process, PeerFiles left) {
        files.computeIfAbsent(process, same -> new ArrayList<>(1)).add(left);
    }

    synchronized void remove(long process, PeerFiles left) {
        files.computeIfPresent(process, (same, all) -> {
            all.remove(left);
            return all.isEmpty() ? null : all;
        });
    }

    /** A later connection of the process has ended an id. With two mounts in one process nobody knows whose it was. */
    void ended(long process, int id) {
        List<PeerFiles> having =
                of(process).stream().filter(left -> left.has(id)).toList();
        if (having.size() == 1) {
            having.get(0).ended(id);
        }
    }

    private synchronized List<PeerFiles> of(long process) {
        return List.copyOf(files.getOrDefault(process, List.of()));
    }

    /** The worker ends. */
    void endAll() {
        List<PeerFiles> all = new ArrayList<>();
        synchronized (this) {
            files.values().forEach(all::addAll);
            files.clear();
        }
        all.forEach(PeerFiles::end);
    }
}
