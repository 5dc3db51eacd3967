package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.worker.tier.EvictionQueue.Entry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * S3-FIFO: Juncheng Yang, Yazhuo Zhang, Ziyue Qiu, Yao Yue, K. V. Rashmi, "FIFO queues are all you need for cache
 * eviction", SOSP 2023. A newcomer enters a small queue. From its end an object that was used again goes on to the main
 * queue, any other leaves, and its id is remembered for a while: whoever comes back in that time enters the main queue.
 * From the main queue's end an object with uses goes round once more, with one less. So what is read once passes
 * through a tenth of the tier.
 *
 * <p>Where it goes on from the paper, because whole objects of any size are kept here:
 *
 * <ul>
 *   <li>queues are measured in bytes, as shares of what is here: a quota may change, and held bytes do not count for it;
 *   <li>a use is a read that begins where the first read of the object began: one pass over it makes many requests;
 *   <li>weight files enter the main queue, and a use makes one the youngest there: a model's shards would push each other out of
 *       the small queue, and models in rotation lose up to 3.5 points against LRU by the paper's rounds, 10 by its small queue;
 *   <li>until the first object has to leave, newcomers enter the main queue: what a restart finds has proved itself;
 *   <li>an object that may not leave is set aside when it is met, until it is {@linkplain #released released}.
 * </ul>
 *
 * <p>Every operation takes constant time, amortised: an object is set aside once for each release, and moves on at most
 * once for each use. Figures: {@code docs/decisions/0007-eviction.md}.
 */
public final class S3FifoEvictionPolicy implements EvictionPolicy {
    private static final int FREQUENCY_MAX = 3;
    /** The paper's. With 1 the hit ratios differ by at most 0.2 points; 2 forgives a header that is read twice. */
    private static final int PROMOTED_FROM = 2;

    private static final int SMALL_PERCENT = 10;

    private final Map<ObjectId, Entry> entries = new HashMap<>();
    private final EvictionQueue small = new EvictionQueue();
    private final EvictionQueue main = new EvictionQueue();
    private final Ghosts ghosts;
    /** Whether somebody has had to leave. */
    private boolean crowded;
    /** How many objects are set aside. Written under the lock. */
    private volatile int aside;

    /** @param ghostsMax objects remembered after they left, at most; about 150 bytes of memory each */
    public S3FifoEvictionPolicy(int ghostsMax) {
        this.ghosts = new Ghosts(ghostsMax);
    }

    @Override
    public synchronized void added(ObjectRef object, ObjectId id, long chargeBytes) {
        removed(id);
        Entry entry = new Entry(id, chargeBytes, WeightFiles.isOne(object));
        entries.put(id, entry);
        boolean known = ghosts.forget(id);
        entry.usedAgain = known;
        (known || !crowded || entry.weights ? main : small).add(entry);
    }

    @Override
    public synchronized void resized(ObjectId id, long chargeBytes) {
        Entry entry = entries.get(id);
        if (entry != null) {
            entry.queue.resize(entry, chargeBytes);
        }
    }

    @Override
    public synchronized void used(ObjectId id, long position) {
        Entry entry = entries.get(id);
        if (entry == null) {
            return;
        }
        if (position != WHOLE && entry.anchor < 0) {
            entry.anchor = position;
        } else if (position == WHOLE || position == entry.anchor) {
            count(entry);
        }
    }

    @Override
    public synchronized boolean usedAgain(ObjectId id) {
        Entry entry = entries.get(id);
        return entry != null && entry.usedAgain;
    }

    private static void count(Entry entry) {
        entry.usedAgain = true;
        if (!entry.weights) {
            entry.frequency = Math.min(FREQUENCY_MAX, entry.frequency + 1);
        } else if (!entry.aside()) {
            entry.queue.again(entry);
        }
    }

    @Override
    public synchronized void removed(ObjectId id) {
        Entry entry = entries.remove(id);
        if (entry == null) {
            return;
        }
        if (entry.chosen && entry.queue == small) {
            ghosts.add(id, entry.bytes, ghostBytesMax());
        }
        if (entry.aside()) {
            aside--;
        }
        entry.queue.remove(entry);
    }

    @Override
    public void released(ObjectId id) {
        // Of two threads, one that sets aside and one that lets go, at least one sees what the other did.
        if (aside > 0) {
            putBack(id);
        }
    }

    private synchronized void putBack(ObjectId id) {
        Entry entry = entries.get(id);
        if (entry != null && entry.aside()) {
            entry.queue.putBack(entry);
            aside--;
        }
    }

    @Override
    public synchronized Optional<ObjectId> victim(Predicate<ObjectId> evictable) {
        crowded = true;
        while (!small.empty() || !main.empty()) {
            Entry eldest = (smallGives() ? small : main).eldest();
            if (movesOn(eldest)) {
                continue;
            }
            if (evictable.test(eldest.id) || !setAside(eldest, evictable)) {
                eldest.chosen = true;
                return Optional.of(eldest.id);
            }
        }
        return Optional.empty();
    }

    private boolean smallGives() {
        return main.empty() || !small.empty() && small.bytes() >= smallBytesMax();
    }

    private boolean movesOn(Entry eldest) {
        if (eldest.queue == small && eldest.frequency >= PROMOTED_FROM) {
            small.remove(eldest);
            main.add(eldest);
            eldest.frequency = 0;
            return true;
        }
        if (eldest.queue == main && eldest.frequency > 0) {
            eldest.frequency--;
            main.again(eldest);
            return true;
        }
        return false;
    }

    /** @return false if the object has become evictable meanwhile and stays in the order */
    private boolean setAside(Entry entry, Predicate<ObjectId> evictable) {
        entry.queue.setAside(entry);
        aside++;
        if (!evictable.test(entry.id)) {
            return true;
        }
        putBack(entry.id);
        return false;
    }

    private long smallBytesMax() {
        return bytes() * SMALL_PERCENT / 100;
    }

    /** As much as the main queue's share. */
    private long ghostBytesMax() {
        return bytes() - smallBytesMax();
    }

    /** Charged bytes of all objects. */
    synchronized long bytes() {
        return small.bytes() + main.bytes();
    }

    synchronized long smallBytes() {
        return small.bytes();
    }

    synchronized long ghostBytes() {
        return ghosts.bytes();
    }

    synchronized int ghosts() {
        return ghosts.size();
    }
}
