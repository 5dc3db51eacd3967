package io.hearth.client.intent;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Which objects are being filled, and which wait: one begins when it fits, with what of the others nobody has read yet,
 * within the bound. Thread-safe; nothing blocks.
 */
final class FillQueue {
    /** What nobody came to read by then is given up; it may be evicted, and its bytes count no more. */
    private static final long UNREAD_NS_MAX = TimeUnit.MINUTES.toNanos(10);

    /** A loader closes a file that it has looked at, and opens it again. */
    private static final long CLOSED_NS_MAX = TimeUnit.SECONDS.toNanos(30);

    /** A file whose header is read again by then was told of. */
    private static final long TOLD_NS_MAX = TimeUnit.MINUTES.toNanos(1);

    private final long unreadMax;
    private final int waitingMax;
    private final LongSupplier nanoTime;
    private final Map<ObjectId, Filling> fillings = new LinkedHashMap<>();
    private final Map<ObjectId, Waiting> waiting = new LinkedHashMap<>();
    private long unread;

    /**
     * @param unreadMax bytes
     * @param waitingMax objects that wait; more are forgotten
     */
    FillQueue(long unreadMax, int waitingMax, LongSupplier nanoTime) {
        this.unreadMax = unreadMax;
        this.waitingMax = waitingMax;
        this.nanoTime = nanoTime;
    }

    /** @param toNs nobody came to read what is before it by then */
    private record Waiting(ObjectRef object, long toNs) {}

    private static final class Filling {
        private long unreadBytes;
        private long fromNs;
        private long toNs;
    }

    /**
     * A reader is at this object. Gives how much of it is to be filled, from its start; 0 where that was said before.
     */
    synchronized long begin(ObjectId id, long sizeBytes) {
        long nowNs = expire();
        Filling known = fillings.get(id);
        if (known != null && nowNs - known.fromNs < TOLD_NS_MAX) {
            return 0;
        }
        waiting.remove(id);
        return fill(id, sizeBytes, nowNs);
    }

    /** These will be wanted next, in this order. */
    synchronized void follow(Map<ObjectId, ObjectRef> objects) {
        long toNs = expire() + UNREAD_NS_MAX;
        objects.forEach((id, object) -> {
            if (waiting.size() < waitingMax && !fillings.containsKey(id)) {
                waiting.putIfAbsent(id, new Waiting(object, toNs));
            }
        });
    }

    /** Takes those whose turn has come; the caller has them filled. */
    synchronized List<ObjectRef> take() {
        long nowNs = expire();
        List<ObjectRef> taken = new ArrayList<>();
        for (var next = waiting.entrySet().iterator(); next.hasNext(); ) {
            Map.Entry<ObjectId, Waiting> first = next.next();
            ObjectRef object = first.getValue().object();
            if (unread > 0 && unread + object.sizeBytes() > unreadMax) {
                break; // In order: a small one behind it has to wait as well. One larger than the bound goes alone.
            }
            fill(first.getKey(), object.sizeBytes(), nowNs);
            taken.add(object);
            next.remove();
        }
        return taken;
    }

    /** So many bytes more of it were read. */
    synchronized void read(ObjectId id, long bytes) {
        Filling filling = fillings.get(id);
        if (filling != null) {
            long less = Math.min(bytes, filling.unreadBytes);
            filling.unreadBytes -= less;
            unread -= less;
        }
    }

    /** A reader has closed it. */
    synchronized void closed(ObjectId id) {
        Filling filling = fillings.get(id);
        if (filling != null) {
            filling.toNs = Math.min(filling.toNs, nanoTime.getAsLong() + CLOSED_NS_MAX);
        }
    }

    /** Whether any waits for its turn. */
    synchronized boolean waits() {
        return !waiting.isEmpty();
    }

    /** Bytes of what is being filled that nobody has read. */
    synchronized long unreadBytes() {
        return unread;
    }

    private long fill(ObjectId id, long sizeBytes, long nowNs) {
        Filling filling = fillings.computeIfAbsent(id, fresh -> new Filling());
        long bytes = Math.min(sizeBytes, unreadMax);
        unread += bytes - filling.unreadBytes;
        filling.unreadBytes = bytes;
        filling.fromNs = nowNs;
        filling.toNs = nowNs + UNREAD_NS_MAX;
        return bytes;
    }

    private long expire() {
        long nowNs = nanoTime.getAsLong();
        fillings.values().removeIf(filling -> {
            boolean over = nowNs - filling.toNs >= 0;
            unread -= over ? filling.unreadBytes : 0;
            return over;
        });
        waiting.values().removeIf(one -> nowNs - one.toNs() >= 0);
        return nowNs;
    }
}
