package io.hearth.worker.swarm;

/**
 * The chunks of one object as one node sees them: which are here, which are on their way, and which neighbour has
 * which. A chunk is <em>known</em> once it is here or a neighbour has it, and <em>open</em> while it is wanted, known
 * and not on its way. Neighbours are bits of an {@code int}: 4 bytes a chunk, 2.8 MB for 700 GB. Not thread-safe.
 */
final class Chunks {
    private final int count;
    private final int[] holders;
    private final int[] useful = new int[Peers.MAX];
    private final ChunkSet wanted;
    private final ChunkSet held;
    private final ChunkSet known;
    private final ChunkSet open;
    private final ChunkSet asked;
    private final ChunkSet fetched;
    private int wantedHeld;

    Chunks(int count) {
        this.count = count;
        holders = new int[count];
        wanted = new ChunkSet(count);
        held = new ChunkSet(count);
        known = new ChunkSet(count);
        open = new ChunkSet(count);
        asked = new ChunkSet(count);
        fetched = new ChunkSet(count);
    }

    int count() {
        return count;
    }

    boolean held(int chunk) {
        return held.has(chunk);
    }

    int heldCount() {
        return held.count();
    }

    int nextHeld(int from) {
        return held.next(from);
    }

    boolean known(int chunk) {
        return known.has(chunk);
    }

    int knownCount() {
        return known.count();
    }

    /** Whether it comes from the origin, to this node. */
    boolean fetched(int chunk) {
        return fetched.has(chunk);
    }

    boolean asked(int chunk) {
        return asked.has(chunk);
    }

    boolean open(int chunk) {
        return open.has(chunk);
    }

    int openCount() {
        return open.count();
    }

    int nextOpen(int from) {
        return open.next(from);
    }

    /** The neighbours that have it. */
    int holders(int chunk) {
        return holders[chunk];
    }

    /** How many open chunks the neighbour in this slot has. */
    int useful(int slot) {
        return useful[slot];
    }

    boolean wanted(int chunk) {
        return wanted.has(chunk);
    }

    boolean complete() {
        return wanted.count() == wantedHeld;
    }

    void want(int chunk) {
        if (wanted.add(chunk)) {
            wantedHeld += held.has(chunk) ? 1 : 0;
            refresh(chunk);
        }
    }

    /** Gives whether it was not here before. */
    boolean hold(int chunk) {
        boolean came = held.add(chunk);
        wantedHeld += came && wanted.has(chunk) ? 1 : 0;
        asked.remove(chunk);
        fetched.remove(chunk);
        refresh(chunk);
        return came;
    }

    /** It is here no more. */
    void lose(int chunk) {
        wantedHeld -= held.remove(chunk) && wanted.has(chunk) ? 1 : 0;
        refresh(chunk);
    }

    void ask(int chunk, boolean asking) {
        asked.put(chunk, asking);
        refresh(chunk);
    }

    void fetch(int chunk, boolean fetching) {
        fetched.put(chunk, fetching);
        refresh(chunk);
    }

    /** Gives whether nobody was known to have it. */
    boolean addHolder(int chunk, int bit) {
        boolean news = !known.has(chunk);
        close(chunk);
        holders[chunk] |= bit;
        refresh(chunk);
        return news;
    }

    /** Gives whether nobody is known to have it any more. */
    boolean removeHolder(int chunk, int bit) {
        close(chunk);
        holders[chunk] &= ~bit;
        refresh(chunk);
        return !known.has(chunk);
    }

    private void refresh(int chunk) {
        boolean here = held.has(chunk);
        known.put(chunk, here || holders[chunk] != 0);
        boolean opens = !here && holders[chunk] != 0 && wanted.has(chunk) && !asked.has(chunk) && !fetched.has(chunk);
        if (!opens) {
            close(chunk);
        } else if (open.add(chunk)) {
            count(chunk, 1);
        }
    }

    private void close(int chunk) {
        if (open.remove(chunk)) {
            count(chunk, -1);
        }
    }

    private void count(int chunk, int change) {
        for (int left = holders[chunk]; left != 0; left &= left - 1) {
            useful[Integer.numberOfTrailingZeros(left)] += change;
        }
    }
}
