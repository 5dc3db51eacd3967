package io.hearth.master;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.wire.ResidencyReport;
import io.hearth.protocol.wire.ResidencyReport.HeldObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One life of one worker: what it said last, and what it holds. Changed under {@link Membership}'s lock. */
final class KnownWorker {
    private final Map<ObjectId, HeldObject> held = new ConcurrentHashMap<>();
    private WorkerRegistration registration;
    private long lastSeenMs;
    private long sequence;
    private boolean wantSnapshot = true;
    private boolean lost;

    KnownWorker(WorkerRegistration registration, long nowMs) {
        seen(registration, nowMs);
    }

    void seen(WorkerRegistration now, long nowMs) {
        registration = now;
        lastSeenMs = nowMs;
        lost = false;
    }

    /**
     * Takes a report if it follows the last one, repeats it, or is a snapshot. A snapshot in several reports begins
     * with one that says so; the rest follow as changes.
     *
     * @return whether it was taken; after a refusal only a snapshot is
     */
    boolean take(ResidencyReport report) {
        boolean follows = report.sequence() == sequence + 1 || report.sequence() == sequence && sequence > 0;
        if (!report.snapshot() && (wantSnapshot || !follows)) {
            wantSnapshot = true;
            return false;
        }
        if (report.snapshot()) {
            held.clear();
        }
        for (HeldObject object : report.objects()) {
            if (object.chunks().isEmpty()) {
                held.remove(object.object());
            } else {
                held.put(object.object(), object);
            }
        }
        sequence = report.sequence();
        wantSnapshot = false;
        return true;
    }

    void lose() {
        lost = true;
    }

    WorkerRegistration registration() {
        return registration;
    }

    long lastSeenMs() {
        return lastSeenMs;
    }

    boolean wantSnapshot() {
        return wantSnapshot;
    }

    boolean lost() {
        return lost;
    }

    /** What it holds; may be read while it changes. */
    Map<ObjectId, HeldObject> held() {
        return held;
    }
}
