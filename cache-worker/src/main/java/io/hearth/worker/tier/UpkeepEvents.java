package io.hearth.worker.tier;

/** What the upkeep of tiers tells. Called by its thread; must be quick. */
public interface UpkeepEvents {
    /** An object left for room that nobody waited for yet. */
    void evictedAhead();

    /** An object moved, whole, between tiers; {@code faster} is a promotion. */
    void moved(boolean faster, long residentBytes);

    /** A move was given up; the object stays where it was. */
    void moveAbandoned();

    /** Hears nothing. */
    UpkeepEvents NONE = new UpkeepEvents() {
        @Override
        public void evictedAhead() {}

        @Override
        public void moved(boolean faster, long residentBytes) {}

        @Override
        public void moveAbandoned() {}
    };
}
