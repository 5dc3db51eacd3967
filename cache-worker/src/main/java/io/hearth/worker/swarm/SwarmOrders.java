package io.hearth.worker.swarm;

import org.roaringbitmap.RoaringBitmap;

/**
 * What a {@link Swarm} wants done. Called from within its events; an answer comes as another event, later, never from
 * within the call. Peers and members are the caller's numbers.
 */
public interface SwarmOrders {
    /**
     * Tell this peer that it has something that is wanted here; it answers with an offer when it has a place free.
     *
     * @param urgent whether a reader waits for it
     */
    void ask(int peer, boolean urgent);

    /** Take the peer's offer: this chunk. */
    void request(int peer, int chunk);

    /** Do not take the peer's offer. */
    void decline(int peer);

    /** Tell this peer that the chunk is wanted no more. It may come all the same. */
    void cancel(int peer, int chunk);

    /** Fetch these chunks, of one block, from the origin, in this order. */
    void fetch(int chunk, int count);

    /** A chunk that is being fetched came otherwise, or comes from another: leave it out if it has not begun. */
    void leaveOut(int chunk);

    /**
     * Tell this peer what is here.
     *
     * @param sequence one more with each announcement to this peer; a snapshot may begin anywhere
     * @param snapshot whether chunks that are not named are not here
     * @param chunks not to be changed by anybody
     */
    void announce(int peer, int sequence, boolean snapshot, RoaringBitmap chunks);

    /** An announcement of this peer was missed: ask it for a snapshot. */
    void askSnapshot(int peer);

    /** Tell the owner of this chunk that a reader waits for it. */
    void urge(int member, int chunk);

    /** Tell the owner of these chunks, of one block, that they are fetched here. */
    void claim(int member, int chunk, int count);
}
