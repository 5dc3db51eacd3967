package io.hearth.worker;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.wire.ResidencyReport;
import io.hearth.protocol.wire.ResidencyReport.HeldObject;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.roaringbitmap.RoaringBitmap;

/**
 * What changed since the last report. A snapshot too large for one report is sent as a snapshot of its first part,
 * which says that all else is gone, and deltas that name the rest. {@link #changed} is thread-safe; the others are one
 * thread's.
 */
final class ResidencyLog {
    /** Below {@link ResidencyReport#BYTES_MAX} with room for one object's largest bitmap. */
    private static final int REPORT_BYTES_MAX = ResidencyReport.BYTES_MAX / 2;

    private static final int OBJECT_HEAD_BYTES = 64;

    private final Set<ObjectId> changed = ConcurrentHashMap.newKeySet();
    private boolean more;

    void changed(ObjectId object) {
        changed.add(object);
    }

    boolean quiet() {
        return changed.isEmpty();
    }

    /** Whether the last report was full, so that another should follow at once. */
    boolean more() {
        return more;
    }

    /** The held objects of the next report; what does not fit it counts as changed. */
    List<HeldObject> next(TierStore store, boolean snapshot) {
        if (snapshot) {
            changed.clear();
            store.files().forEach(file -> changed.add(file.id()));
        }
        return take(store, List.copyOf(changed));
    }

    private List<HeldObject> take(TierStore store, Collection<ObjectId> ids) {
        List<HeldObject> held = new ArrayList<>();
        long bytes = 0;
        more = false;
        for (ObjectId id : ids) {
            if (held.size() >= ResidencyReport.OBJECTS_MAX || bytes >= REPORT_BYTES_MAX) {
                more = true;
                break;
            }
            changed.remove(id);
            HeldObject object = store.find(id).map(ResidencyLog::held).orElseGet(() -> gone(id));
            bytes += OBJECT_HEAD_BYTES + object.chunks().serializedSizeInBytes();
            held.add(object);
        }
        return held;
    }

    private static HeldObject held(ObjectFile file) {
        RoaringBitmap chunks = file.chunks();
        chunks.runOptimize();
        return new HeldObject(file.id(), file.tier().spec().medium().name(), file.residentBytes(), chunks);
    }

    private static HeldObject gone(ObjectId id) {
        return new HeldObject(id, "MEM", 0, new RoaringBitmap());
    }
}
