package io.hearth.protocol.trust;

/**
 * The secret that all processes of one cluster share. A process shows it to whom it calls, and asks it of whoever calls
 * it. Thread-safe.
 */
public interface ClusterToken {
    /** No secret: nothing is shown, and everybody is let in. For processes that only loopback reaches. */
    ClusterToken NONE = new ClusterToken() {
        @Override
        public String shown() {
            return "";
        }

        @Override
        public boolean admits(String shown) {
            return true;
        }
    };

    /** What to show to others; empty where there is none. */
    String shown();

    /** Whether whoever showed this is let in. Takes the same time whatever was shown, its length apart. */
    boolean admits(String shown);

    /** Whether there is one. */
    default boolean present() {
        return !shown().isEmpty();
    }
}
