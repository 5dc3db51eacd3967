package io.hearth.worker.swarm;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.Placement;
import io.hearth.protocol.placement.PlacementTable;
import java.util.BitSet;

/**
 * What this node takes from the origin: its own blocks when their turn comes, and from others what does not come. A
 * block's turn comes when so many chunks have appeared anywhere that {@link OriginPace} has room for it, so the origin
 * is shared without anybody who hands out turns. A block whose turn has come is watched: where no chunk of it appears
 * for {@code stall-factor} usual times, its first deputy takes the last half of what is missing and tells the owner;
 * then the rest. A second deputy waits twice as long, everybody else longer still, each for a time of its own. Not
 * thread-safe.
 */
final class OriginBlocks {
    private static final int PER_BLOCK = Geometry.CHUNKS_PER_BLOCK;
    /** The span, in patiences, over which those who are no deputies begin: the first one's chunk spares the others. */
    private static final int OTHERS_SPREAD = 8;

    private final PlacementTable table;
    private final int self;
    private final Chunks chunks;
    private final OriginPace pace;
    private final SwarmOrders orders;
    private final SwarmSettings settings;
    private final byte[] unknown;
    private final long[] progressNanos;
    private final BitSet taken = new BitSet();
    private final BitSet gone = new BitSet();
    private final UsualTime usual = new UsualTime();
    private final boolean late;
    private final int[] watched;
    private final BitSet watching = new BitSet();
    private int watchedCount;
    private int turn;
    private int due;
    private int fetching;
    private boolean begun;

    /** @param late whether others fill by an older list of members, and own what this node would own */
    OriginBlocks(SwarmPlace place, Chunks chunks, OriginPace pace, SwarmOrders orders, SwarmSettings settings) {
        this.table = place.owners();
        this.self = place.self();
        this.late = place.late();
        this.chunks = chunks;
        this.pace = pace;
        this.orders = orders;
        this.settings = settings;
        this.unknown = new byte[table.blocks()];
        this.progressNanos = new long[table.blocks()];
        this.watched = new int[table.blocks()];
        for (int block = 0; block < unknown.length; block++) {
            unknown[block] = (byte) (end(block) - first(block));
        }
    }

    private static int first(int block) {
        return block * PER_BLOCK;
    }

    private int end(int block) {
        return Math.min(chunks.count(), first(block) + PER_BLOCK);
    }

    /** Neighbours have said what they have: own blocks may begin. */
    void begin() {
        begun = true;
    }

    /** A chunk that nobody was known to have. */
    void appeared(int chunk, long now) {
        int block = chunk / PER_BLOCK;
        unknown[block]--;
        if (watching.get(block)) {
            if (!taken.get(block)) { // What two bring is no measure of one.
                usual.saw(now - progressNanos[block]);
            }
            progressNanos[block] = now;
        }
        watch(block, now);
        pace.appeared(1, now);
    }

    /** A chunk that nobody is known to have any more. */
    void vanished(int chunk, long now) {
        int block = chunk / PER_BLOCK;
        unknown[block]++;
        watch(block, now);
    }

    /** This node fetches no more of a chunk, come or not. */
    void ended() {
        fetching--;
    }

    /** A member owns nothing any more. */
    void gone(int member) {
        gone.set(member);
    }

    /** A member is there again. */
    void back(int member) {
        gone.clear(member);
    }

    /** The owner of the block of this chunk, or who comes in its place; {@link PlacementTable#NOBODY} for none. */
    int ownerOf(int chunk) {
        int block = chunk / PER_BLOCK;
        for (int rank = 0; rank < table.copies(); rank++) {
            int holder = table.holder(block, rank);
            if (holder != PlacementTable.NOBODY && !gone.get(holder)) {
                return holder;
            }
        }
        return PlacementTable.NOBODY;
    }

    /** A reader waits for a chunk, here or where its owner is not. */
    void urged(int chunk, long now) {
        int block = chunk / PER_BLOCK;
        watch(block, now);
        fetchMissing(chunk, end(block));
        fetchMissing(first(block), chunk);
    }

    /** Takes one chunk that nobody brings in time. */
    void fetchAlone(int chunk) {
        fetchMissing(chunk, chunk + 1);
    }

    /** Somebody else fetches these. */
    void claimed(int chunk, int count, long now) {
        progressNanos[chunk / PER_BLOCK] = now;
        taken.set(chunk / PER_BLOCK);
        for (int c = chunk; c < chunk + count; c++) {
            if (chunks.fetched(c)) {
                orders.leaveOut(c);
                chunks.fetch(c, false);
                fetching--;
            }
        }
    }

    /** Has own blocks begun whose turn has come, and others watched whose turn is over by any pace. */
    void go(long now) {
        int known = chunks.knownCount();
        long room = known + (long) Math.min(pace.blocks(), 1 + known) * PER_BLOCK;
        while (begun && turn < table.blocks() && (long) turn * PER_BLOCK < room) {
            int block = table.blockAt(turn);
            if (mine(block) && unknown[block] > 0) {
                if (fetching > (settings.ownBlocksMax() - 1) * PER_BLOCK) {
                    return;
                }
                watch(block, now);
                fetchMissing(first(block), end(block));
            }
            turn++;
        }
        int shortOf = table.blocks() * PER_BLOCK - chunks.count(); // The last block's, wherever its turn is.
        while (begun && due < turn && (long) due * PER_BLOCK <= known + shortOf) {
            watch(table.blockAt(due++), now);
        }
    }

    private boolean mine(int block) {
        return !late && ownerOf(first(block)) == self;
    }

    private void watch(int block, long now) {
        if (watching.get(block) || unknown[block] == 0) {
            return;
        }
        watching.set(block);
        progressNanos[block] = now;
        watched[watchedCount++] = block;
    }

    /** Looks after blocks that do not come. */
    void look(long now) {
        for (int i = watchedCount - 1; i >= 0; i--) {
            int block = watched[i];
            if (unknown[block] == 0) {
                watching.clear(block);
                taken.clear(block);
                watched[i] = watched[--watchedCount];
            } else if (fetchesOf(block)) {
                progressNanos[block] = now;
            } else if (now - progressNanos[block] > patienceNanos(block)) {
                take(block, now);
            }
        }
    }

    private boolean fetchesOf(int block) {
        for (int chunk = first(block); chunk < end(block); chunk++) {
            if (chunks.fetched(chunk)) {
                return true;
            }
        }
        return false;
    }

    private double patienceNanos(int block) {
        double patience = usual.isKnown()
                ? Math.max(settings.stallMinNanos(), settings.stallFactor() * usual.nanos())
                : (double) settings.stallMinNanos() * settings.stallFactor();
        int before = 0;
        for (int rank = 0; rank < table.copies(); rank++) {
            int holder = table.holder(block, rank);
            if (holder == self) {
                return patience * (rank == 0 ? 1 : before);
            }
            before += holder != PlacementTable.NOBODY && !gone.get(holder) ? 1 : 0;
        }
        if (!chunks.wanted(first(block))) {
            return Double.MAX_VALUE;
        }
        double own = (Placement.mix(block * 0x9e3779b97f4a7c15L + self) >>> 11) * 0x1p-53;
        return patience * (before + 1 + OTHERS_SPREAD * own);
    }

    private void take(int block, long now) {
        int owner = ownerOf(first(block));
        int end = end(block);
        int from = end;
        int half = taken.get(block) || owner == self ? unknown[block] : (unknown[block] + 1) / 2;
        for (int missing = 0; missing < half; from--) {
            missing += chunks.known(from - 1) ? 0 : 1;
        }
        taken.set(block);
        progressNanos[block] = now;
        fetchMissing(from, end);
        if (owner != self && owner != PlacementTable.NOBODY) {
            orders.claim(owner, from, end - from);
        }
    }

    private void fetchMissing(int from, int end) {
        int chunk = from;
        while (chunk < end) {
            int start = chunk;
            while (chunk < end && missing(chunk)) {
                chunk++;
            }
            if (chunk > start) {
                for (int c = start; c < chunk; c++) {
                    chunks.fetch(c, true);
                }
                fetching += chunk - start;
                orders.fetch(start, chunk - start);
            } else {
                chunk++;
            }
        }
    }

    /** On its way from a peer counts as there, unless that peer stalls. */
    private boolean missing(int chunk) {
        return !chunks.held(chunk) && !chunks.fetched(chunk) && !(chunks.known(chunk) && chunks.asked(chunk));
    }
}
