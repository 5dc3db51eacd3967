package io.hearth.worker.swarm;

/** What a node knows of one of its neighbours, and has asked of it. Not thread-safe. */
final class Peer {
    private static final double NEW_PART = 0.25;
    private static final int BANS_MAX = 8;
    private static final int FORGOTTEN = -2;

    private final int number;
    private final int slot;
    private final int[] asked;
    private final long[] askedAtNanos;
    private int outstanding;
    private long lastByteNanos;
    private double chunkNanos;
    private boolean stalled;
    private long stalledAtNanos;
    private boolean asking;
    private long askedForAtNanos;
    private int sequence = FORGOTTEN;
    private long heardAtNanos;
    private int held;
    private int lies;
    private int bans;
    private long bannedUntilNanos = Long.MIN_VALUE;

    Peer(int number, int slot, int requestsMax) {
        this.number = number;
        this.slot = slot;
        this.asked = new int[requestsMax];
        this.askedAtNanos = new long[requestsMax];
    }

    /** The caller's number for it. */
    int number() {
        return number;
    }

    int slot() {
        return slot;
    }

    /** Its bit in the sets of peers. */
    int bit() {
        return 1 << slot;
    }

    int outstanding() {
        return outstanding;
    }

    int asked(int index) {
        return asked[index];
    }

    boolean hasRoom(int max) {
        return outstanding < max && !stalled;
    }

    void request(int chunk, long now) {
        asked[outstanding] = chunk;
        askedAtNanos[outstanding] = now;
        outstanding++;
    }

    /** The chunk came. Gives false if it had not been asked of this peer, or no more. */
    boolean arrived(int chunk, long now) {
        int at = indexOf(chunk);
        if (at < 0) {
            return false;
        }
        double each = now - Math.max(askedAtNanos[at], lastByteNanos);
        chunkNanos = chunkNanos == 0 ? each : chunkNanos + NEW_PART * (each - chunkNanos);
        drop(at);
        return true;
    }

    /** The request is given up, or refused. Gives false if there was none. */
    boolean withdraw(int chunk) {
        int at = indexOf(chunk);
        if (at >= 0) {
            drop(at);
        }
        return at >= 0;
    }

    private int indexOf(int chunk) {
        int at = outstanding - 1;
        while (at >= 0 && asked[at] != chunk) {
            at--;
        }
        return at;
    }

    private void drop(int at) {
        outstanding--;
        for (int i = at; i < outstanding; i++) {
            asked[i] = asked[i + 1];
            askedAtNanos[i] = askedAtNanos[i + 1];
        }
    }

    void heard(long now) {
        heardAtNanos = now;
    }

    /** How long it has told nothing, not even that it lives. */
    long muteNanos(long now) {
        return now - heardAtNanos;
    }

    /** Nothing is known any more of what it has: only a snapshot can follow. */
    void forgotten() {
        sequence = FORGOTTEN;
    }

    void byteCame(long now) {
        lastByteNanos = now;
        stalled = false;
    }

    boolean stalled() {
        return stalled;
    }

    void stall(long now) {
        stalled = true;
        stalledAtNanos = now;
    }

    long stalledNanos(long now) {
        return stalled ? now - stalledAtNanos : 0;
    }

    /** It is to be asked for an offer: it was not, or that was long ago and may be lost. */
    boolean askable(long now, long againNanos) {
        return !asking || now - askedForAtNanos > againNanos;
    }

    void asking(long now) {
        asking = true;
        askedForAtNanos = now;
    }

    void offered() {
        asking = false;
    }

    /** How long nothing has come of what was asked; 0 where nothing was. */
    long silentNanos(long now) {
        return outstanding == 0 ? 0 : now - Math.max(lastByteNanos, askedAtNanos[0]);
    }

    /** Usual time of a chunk while others are on their way, or 0 where none came yet. */
    double chunkNanos() {
        return chunkNanos;
    }

    /** Slower than it was thought to be: it stalls later. */
    void slower() {
        chunkNanos *= 2;
    }

    /** Whether this announcement follows the one before it; a snapshot always does. */
    boolean follows(int next, boolean snapshot) {
        boolean follows = snapshot || next == sequence + 1;
        sequence = follows ? next : sequence;
        return follows;
    }

    /** An announcement that was heard before, or that a later one overtook. */
    boolean repeats(int next) {
        return next <= sequence;
    }

    int held() {
        return held;
    }

    void holds(int more) {
        held += more;
    }

    /** It sent what it promised. */
    void kept() {
        lies = 0;
    }

    int lied() {
        return ++lies;
    }

    /** It is not believed for a while, each time for twice as long. */
    void ban(long now, long nanos) {
        bannedUntilNanos = now + (nanos << Math.min(bans++, BANS_MAX));
        lies = 0;
        sequence = FORGOTTEN;
        stalled = false;
        chunkNanos = 0;
    }

    boolean banned(long now) {
        return now < bannedUntilNanos;
    }
}
