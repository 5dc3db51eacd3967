package io.hearth.worker.swarm;

import java.util.Random;

/**
 * Which chunk to ask for: of those that are open and that somebody with room has, the one that the fewest neighbours
 * have (rarest first: Cohen, BitTorrent, 2003; Legout, Urvoy-Keller and Michiardi, 2006, on why that is enough). Of a
 * large object a few are looked at, from a random one on: equal chunks are chosen by chance, so that nodes differ in
 * what they bring. Not thread-safe.
 */
final class RarestFirst {
    private final Chunks chunks;
    private final Random random;
    private final int sample;

    /** @param sample how many that could be asked for are compared */
    RarestFirst(Chunks chunks, Random random, int sample) {
        this.chunks = chunks;
        this.random = random;
        this.sample = sample;
    }

    /** Who may be asked for a chunk now, of those that have it, as bits. */
    @FunctionalInterface
    interface Askable {
        int of(int chunk);
    }

    /** A chunk of all; -1 for none. */
    int choose(Askable askable) {
        return chunks.openCount() == 0 ? -1 : choose(0, chunks.count(), random.nextInt(chunks.count()), askable);
    }

    /** A chunk from {@code from} up to {@code end}; -1 for none. */
    int choose(int from, int end, Askable askable) {
        return choose(from, end, from, askable);
    }

    private int choose(int from, int end, int begin, Askable askable) {
        int best = -1;
        int bestHolders = Integer.MAX_VALUE;
        int looks = 4 * sample;
        int compared = 0;
        boolean wrapped = begin == from;
        int chunk = chunks.nextOpen(begin);
        while (looks-- > 0 && compared < sample && bestHolders > 1) {
            if (chunk < 0 || chunk >= (wrapped && begin != from ? begin : end)) {
                if (wrapped) {
                    break;
                }
                wrapped = true;
                chunk = chunks.nextOpen(from);
                continue;
            }
            int holders = Integer.bitCount(chunks.holders(chunk));
            if (askable.of(chunk) != 0) {
                compared++;
                if (holders < bestHolders) {
                    best = chunk;
                    bestHolders = holders;
                }
            }
            chunk = chunks.nextOpen(chunk + 1);
        }
        return best;
    }
}
