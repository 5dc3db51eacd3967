package io.hearth.worker.net;

/** One request being answered, on its connection's event loop. Ends once, and tells its connection. */
interface Answer {
    /** Begins; once. */
    void start();

    /** Sends what is ready, while the connection takes more. */
    void advance();

    /** Nobody wants the rest; once more is no error. */
    void cancel();
}
