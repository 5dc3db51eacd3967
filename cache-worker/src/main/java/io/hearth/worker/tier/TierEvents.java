package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;

/** What tiers tell the worker. Called from any thread, possibly under a lock: must be quick and must not call back. */
public interface TierEvents {
    /** Chunks of the object came or went, or the whole object went. */
    void residencyChanged(ObjectId object);

    /** An object left its tier. */
    void evicted(long residentBytes);

    /** A block left its object's file, which stays. */
    void blockEvicted(long residentBytes);

    /** A chunk passed its first check of this life. */
    void verified();

    /** A chunk failed its check and was dropped. */
    void corrupt();

    /** Start-up found a file that it does not understand and left it alone. */
    void foreignFile();

    /** Hears nothing. */
    TierEvents NONE = new TierEvents() {
        @Override
        public void residencyChanged(ObjectId object) {}

        @Override
        public void evicted(long residentBytes) {}

        @Override
        public void blockEvicted(long residentBytes) {}

        @Override
        public void verified() {}

        @Override
        public void corrupt() {}

        @Override
        public void foreignFile() {}
    };
}
