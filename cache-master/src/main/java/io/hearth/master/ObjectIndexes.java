package io.hearth.master;

import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Generation.SegmentRef;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The indexes of generations that were asked for lately, within a bound on their objects. Thread-safe; blocks. */
final class ObjectIndexes {
    private final GenerationStore generations;
    private final int objectsMax;
    private final Map<String, ObjectIndex> recent = new LinkedHashMap<>(16, 0.75f, true);
    private long objects;

    ObjectIndexes(GenerationStore generations, MasterSettings settings) {
        this.generations = generations;
        this.objectsMax = settings.indexObjectsMax();
    }

    /** Builds the index on first use: about 2 s for a million objects. */
    ObjectIndex of(String uid, String generation) {
        String key = uid + "/" + generation;
        synchronized (recent) {
            ObjectIndex known = recent.get(key);
            if (known != null) {
                return known;
            }
        }
        ObjectIndex built = build(uid, generations.generation(uid, generation));
        synchronized (recent) {
            if (recent.put(key, built) == null) {
                objects += built.count();
            }
            Iterator<ObjectIndex> oldest = recent.values().iterator();
            while (objects > objectsMax && recent.size() > 1) {
                objects -= oldest.next().count();
                oldest.remove();
            }
        }
        return built;
    }

    private ObjectIndex build(String uid, Generation generation) {
        ObjectIndex index = new ObjectIndex(Math.toIntExact(generation.files()));
        for (SegmentRef ref : generation.segments()) {
            for (Entry entry : generations.require(uid, ref).entries()) {
                if (!entry.directory()) {
                    index.add(generation.object(entry).id(), entry.sizeBytes());
                }
            }
        }
        return index;
    }
}
