package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Ids and sizes of objects that left a while ago, the latest that fit two bounds. Not thread-safe. */
final class Ghosts {
    private final LinkedHashMap<ObjectId, Long> bytesById = new LinkedHashMap<>();
    private final int entriesMax;
    private long bytes;

    /** @param entriesMax ids kept at most, about 150 bytes of memory each */
    Ghosts(int entriesMax) {
        this.entriesMax = entriesMax;
    }

    /** Remembers an object, and forgets the eldest until all that is left has at most {@code bytesMax} bytes. */
    void add(ObjectId id, long objectBytes, long bytesMax) {
        Long before = bytesById.put(id, objectBytes);
        bytes += objectBytes - (before == null ? 0 : before);
        Iterator<Map.Entry<ObjectId, Long>> eldest = bytesById.entrySet().iterator();
        while (bytes > bytesMax || bytesById.size() > entriesMax) {
            bytes -= eldest.next().getValue();
            eldest.remove();
        }
    }

    /** @return whether the object was remembered */
    boolean forget(ObjectId id) {
        Long objectBytes = bytesById.remove(id);
        bytes -= objectBytes == null ? 0 : objectBytes;
        return objectBytes != null;
    }

    long bytes() {
        return bytes;
    }

    int size() {
        return bytesById.size();
    }
}
