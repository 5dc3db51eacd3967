package io.hearth.worker.swarm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * Whom a node serves next. Few chunks are on their way at a time; when a place is free it is offered: to one whose
 * reader waits, else to the poorest asker, so that those who have little to pass on get something; among equals, who
 * asked first. Who waited too long comes before the poor. Which chunk it is the asker says only then: a chunk chosen
 * when one asks is, after the others in the queue, mostly one that could have come sooner from elsewhere (decision 21).
 * An offer that is not taken within {@code stall-min} is over, so that a dead or paused peer keeps no place; a send that
 * makes no progress for as long is the caller's to end, by {@link #sent}. Not thread-safe.
 *
 * @param <A> who asks, and for what object: one ask of each waits at a time
 */
public final class ServeOrder<A> {
    private final int sendsMax;
    private final int sendsEach;
    private final int asksMax;
    private final long waitNanosMax;
    private final long offerNanosMax;
    private final Map<A, Ask> waiting = new LinkedHashMap<>();
    private final List<Offer<A>> offers = new ArrayList<>();
    private final List<A> sending = new ArrayList<>();

    private record Ask(boolean urgent, long sinceNanos) {}

    private record Offer<A>(A asker, long sinceNanos) {}

    public ServeOrder(SwarmSettings settings) {
        this.sendsMax = settings.sends();
        this.sendsEach = settings.requestsPerPeer();
        this.asksMax = settings.asksMax();
        this.waitNanosMax = settings.askWait().toNanos();
        this.offerNanosMax = settings.stallMinNanos();
    }

    /**
     * A peer would take a chunk. Asking again changes at most the urgency.
     *
     * @param urgent whether a reader waits for it
     * @return false if too many wait: it is forgotten, and asks again later
     */
    public boolean asked(A asker, boolean urgent, long nowNanos) {
        if (waiting.size() >= asksMax && !waiting.containsKey(asker)) {
            return false;
        }
        waiting.merge(asker, new Ask(urgent, nowNanos), (was, is) -> new Ask(urgent || was.urgent(), was.sinceNanos()));
        return true;
    }

    /**
     * To whom to offer a place now; empty while none is free, or nobody waits. Ends with {@link #taken},
     * {@link #declined} or by time.
     *
     * @param held how much of the object an asker has
     */
    public Optional<A> next(long nowNanos, ToIntFunction<A> held) {
        offers.removeIf(offer -> nowNanos - offer.sinceNanos() > offerNanosMax);
        if (offers.size() + sending.size() >= sendsMax) {
            return Optional.empty();
        }
        A best = null;
        long bestRank = Long.MAX_VALUE;
        for (Map.Entry<A, Ask> ask : waiting.entrySet()) {
            long rank = rank(ask.getKey(), ask.getValue(), nowNanos, held);
            if (rank < bestRank && hasRoom(ask.getKey())) {
                best = ask.getKey();
                bestRank = rank;
            }
        }
        Optional<A> chosen = Optional.ofNullable(best);
        chosen.ifPresent(asker -> {
            waiting.remove(asker);
            offers.add(new Offer<>(asker, nowNanos));
        });
        return chosen;
    }

    private long rank(A asker, Ask ask, long nowNanos, ToIntFunction<A> held) {
        if (ask.urgent()) {
            return -2;
        }
        return nowNanos - ask.sinceNanos() > waitNanosMax ? -1 : held.applyAsInt(asker);
    }

    private boolean hasRoom(A asker) {
        int places = 0;
        for (A receiver : sending) {
            places += receiver.equals(asker) ? 1 : 0;
        }
        return places < sendsEach;
    }

    /** The peer names a chunk: send it, and say {@link #sent} at its end. False if the offer is over: refuse it. */
    public boolean taken(A asker) {
        return withdraw(asker) && sending.add(asker);
    }

    /** The peer wants nothing now. */
    public void declined(A asker) {
        withdraw(asker);
    }

    private boolean withdraw(A asker) {
        for (int i = 0; i < offers.size(); i++) {
            if (offers.get(i).asker().equals(asker)) {
                offers.remove(i);
                return true;
            }
        }
        return false;
    }

    /** A chunk has left for this peer, or was given up. */
    public void sent(A asker) {
        sending.remove(asker);
    }

    /** Forgets what a peer asked. */
    public void gone(A asker) {
        waiting.remove(asker);
        withdraw(asker);
    }

    /** Who waits. */
    public int waiting() {
        return waiting.size();
    }
}
