package io.hearth.client.http;

/** What a call's time bounds. */
enum Patience {
    /** The whole answer. */
    WHOLE,
    /** Each wait for the next piece of it. */
    EACH_PIECE
}
