package io.hearth.worker.descriptor;

/** The process at the other end of a connection, which may outlive it. Thread-safe; nothing blocks. */
interface PeerLife extends AutoCloseable {
    /** Of a process that nothing is known of. */
    PeerLife UNKNOWN = new PeerLife() {
        @Override
        public boolean over() {
            return true;
        }

        @Override
        public long number() {
            return 0;
        }
    };

    /** Whether it has ended. */
    boolean over();

    /** Its own, for as long as this is open: no other process has had it. */
    long number();

    @Override
    default void close() {}
}
