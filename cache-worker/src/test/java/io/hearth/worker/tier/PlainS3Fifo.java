package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** S3-FIFO as one would say it: lists, eldest first, walked through each time. What the policy is compared with. */
final class PlainS3Fifo {
    private final int ghostsMax;
    final List<ObjectId> small = new ArrayList<>();
    final List<ObjectId> main = new ArrayList<>();
    final Set<ObjectId> aside = new HashSet<>();
    final LinkedHashMap<ObjectId, Long> ghosts = new LinkedHashMap<>();
    private final Map<ObjectId, Long> bytes = new HashMap<>();
    private final Map<ObjectId, Integer> frequency = new HashMap<>();
    private final Map<ObjectId, Long> firstPosition = new HashMap<>();
    private final Set<ObjectId> weights = new HashSet<>();
    private final Set<ObjectId> chosen = new HashSet<>();
    private boolean crowded;

    PlainS3Fifo(int ghostsMax) {
        this.ghostsMax = ghostsMax;
    }

    void added(ObjectRef object, ObjectId id, long chargeBytes) {
        removed(id);
        bytes.put(id, chargeBytes);
        frequency.put(id, 0);
        if (object.key().endsWith(".safetensors")) {
            weights.add(id);
        }
        boolean ghost = ghosts.remove(id) != null;
        (ghost || weights.contains(id) || !crowded ? main : small).add(id);
    }

    void used(ObjectId id, long position) {
        if (!bytes.containsKey(id)) {
            return;
        }
        if (position != EvictionPolicy.WHOLE && !firstPosition.containsKey(id)) {
            firstPosition.put(id, position);
        } else if (position == EvictionPolicy.WHOLE || position == firstPosition.get(id)) {
            if (!weights.contains(id)) {
                frequency.merge(id, 1, (old, one) -> Math.min(3, old + one));
            } else if (!aside.contains(id)) {
                List<ObjectId> queue = queueOf(id);
                queue.remove(id);
                queue.add(id);
            }
        }
    }

    void removed(ObjectId id) {
        if (!bytes.containsKey(id)) {
            return;
        }
        if (small.contains(id) && chosen.contains(id)) {
            ghosts.put(id, bytes.get(id));
            while (ghosts.size() > ghostsMax || sum(ghosts.keySet(), ghosts) > bytes() - bytes() / 10) {
                ghosts.remove(ghosts.keySet().iterator().next());
            }
        }
        queueOf(id).remove(id);
        for (Set<ObjectId> set : List.of(aside, weights, chosen)) {
            set.remove(id);
        }
        for (Map<ObjectId, ?> map : List.of(bytes, frequency, firstPosition)) {
            map.remove(id);
        }
    }

    void released(ObjectId id) {
        if (aside.remove(id)) {
            List<ObjectId> queue = queueOf(id);
            queue.remove(id);
            queue.add(id);
        }
    }

    Optional<ObjectId> victim(Predicate<ObjectId> evictable) {
        crowded = true;
        while (true) {
            Optional<ObjectId> inSmall = eldest(small);
            Optional<ObjectId> inMain = eldest(main);
            boolean smallIsLarge = sum(small, bytes) >= bytes() / 10;
            if (inSmall.isPresent() && (smallIsLarge || inMain.isEmpty())) {
                ObjectId id = inSmall.get();
                if (frequency.get(id) > 1) {
                    small.remove(id);
                    main.add(id);
                    frequency.put(id, 0);
                } else if (evictable.test(id)) {
                    chosen.add(id);
                    return inSmall;
                } else {
                    aside.add(id);
                }
            } else if (inMain.isPresent()) {
                ObjectId id = inMain.get();
                if (frequency.get(id) > 0) {
                    main.remove(id);
                    main.add(id);
                    frequency.merge(id, -1, Integer::sum);
                } else if (evictable.test(id)) {
                    chosen.add(id);
                    return inMain;
                } else {
                    aside.add(id);
                }
            } else {
                return Optional.empty();
            }
        }
    }

    long bytes() {
        return sum(bytes.keySet(), bytes);
    }

    long smallBytes() {
        return sum(small, bytes);
    }

    long ghostBytes() {
        return sum(ghosts.keySet(), ghosts);
    }

    private List<ObjectId> queueOf(ObjectId id) {
        return small.contains(id) ? small : main;
    }

    private Optional<ObjectId> eldest(List<ObjectId> queue) {
        return queue.stream().filter(id -> !aside.contains(id)).findFirst();
    }

    private static long sum(Iterable<ObjectId> ids, Map<ObjectId, Long> bytes) {
        long sum = 0;
        for (ObjectId id : ids) {
            sum += bytes.get(id);
        }
        return sum;
    }
}
