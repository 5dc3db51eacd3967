package io.hearth.objectstore.engine;

/**
 * How far one request has come.
 *
 * @param bytes received
 * @param receivingNs since the first byte, without the time that the sink took
 * @param leftBytes not received yet
 */
record Progress(long bytes, long receivingNs, long leftBytes) {
    double bytesPerS() {
        return receivingNs <= 0 ? 0 : bytes * 1e9 / receivingNs;
    }

    /** Time to the end at this rate. */
    double leftSeconds() {
        return leftBytes / Math.max(bytesPerS(), 1);
    }
}
