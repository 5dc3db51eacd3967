package io.hearth.client;

import io.hearth.protocol.ObjectRef;

/** Guesses from how an object is opened and read what will be wanted. Thread-safe; never blocks, never fails. */
@FunctionalInterface
public interface Intents {
    /** Guesses nothing. */
    Intents NONE = (object, siblings, reads) -> Watch.NONE;

    /**
     * An object was opened by a reader.
     *
     * @param reads to look into objects with; what is opened by its {@link ObjectReads#open(ObjectRef)} is not watched
     */
    Watch opened(ObjectRef object, Siblings siblings, ObjectReads reads);

    /** One open object. */
    interface Watch {
        Watch NONE = new Watch() {
            @Override
            public boolean headed() {
                return false;
            }

            @Override
            public void read(long offset, int length) {}

            @Override
            public void closed() {}
        };

        /** Whether the object's first bytes say what is read after them: nothing else is fetched before they came. */
        boolean headed();

        /** A read begins. */
        void read(long offset, int length);

        /** The object is closed; called once. */
        void closed();
    }
}
