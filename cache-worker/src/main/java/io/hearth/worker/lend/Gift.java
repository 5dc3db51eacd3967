package io.hearth.worker.lend;

import io.hearth.worker.tier.GiveBack;

/**
 * What all tiers gave in one call.
 *
 * @param freedBytes resident bytes, free now
 * @param laterBytes resident bytes that readers hold, free when they let go
 */
record Gift(long freedBytes, long laterBytes, int files, int leasedFiles) {
    static final Gift NOTHING = new Gift(0, 0, 0, 0);

    Gift and(GiveBack.Given more) {
        return new Gift(
                freedBytes + more.freedBytes(),
                laterBytes + more.laterBytes(),
                files + more.files(),
                leasedFiles + more.leasedFiles());
    }

    long bytes() {
        return freedBytes + laterBytes;
    }
}
