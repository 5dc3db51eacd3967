package io.hearth.objectstore;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Bounds of the traffic with object stores, per process. */
public record OriginSettings(
        @Setting(
                name = "origin.connections",
                value = "128",
                min = "1",
                max = "4096",
                description = "Most connections to all object stores together.")
        int connectionsMax,

        @Setting(
                name = "origin.requests",
                value = "4096",
                min = "1",
                max = "100000",
                description = "Most requests under way or waiting for a connection; further ones fail at once.")
        int requestsMax,

        @Setting(
                name = "origin.read-buffer",
                value = "512KiB",
                min = "16KiB",
                max = "64MiB",
                description = "Most bytes that one read of a connection brings, and that wait for a slow reader.")
        DataSize readBuffer,

        @Setting(
                name = "origin.event-loop-threads",
                value = "2",
                min = "1",
                max = "64",
                description = "Threads that move bytes from object stores.")
        int eventLoopThreads,

        @Setting(
                name = "origin.connect-timeout",
                value = "5s",
                min = "10ms",
                max = "5m",
                description = "Longest wait for a TCP or TLS connection to an object store.")
        Duration connectTimeout,

        @Setting(
                name = "origin.connection-wait",
                value = "30s",
                min = "10ms",
                max = "10m",
                description = "Longest wait for a free connection.")
        Duration connectionWait,

        @Setting(
                name = "origin.connection-idle",
                value = "20s",
                min = "100ms",
                max = "1h",
                description = "A connection that nobody has used for so long is closed.")
        Duration connectionIdle,

        @Setting(
                name = "origin.first-byte-timeout",
                value = "15s",
                min = "10ms",
                max = "10m",
                description = "Longest wait for the first byte of a range, waiting for a connection included.")
        Duration firstByteTimeout,

        @Setting(
                name = "origin.answer-timeout",
                value = "30s",
                min = "10ms",
                max = "10m",
                description = "Longest wait for a whole answer to a listing or a HEAD.")
        Duration answerTimeout,

        @Setting(
                name = "origin.attempt-timeout",
                value = "5m",
                min = "10ms",
                max = "1h",
                description = "Longest time of one attempt to read a range, a slow reader's pauses included.")
        Duration attemptTimeout,

        @Setting(
                name = "origin.stall-timeout",
                value = "5s",
                min = "10ms",
                max = "10m",
                description = "A range that brings no byte for so long is given up and resumed on a new request.")
        Duration stallTimeout,

        @Setting(
                name = "origin.attempts",
                value = "5",
                min = "1",
                max = "100",
                description = "Most attempts to read one range, the first included.")
        int attemptsMax,

        @Setting(
                name = "origin.backoff-base",
                value = "50ms",
                min = "1ms",
                max = "1m",
                description = "Upper end of the random wait before the second attempt; doubles with each further one.")
        Duration backoffBase,

        @Setting(
                name = "origin.backoff-max",
                value = "2s",
                min = "1ms",
                max = "10m",
                description = "Largest upper end of the random wait between attempts.")
        Duration backoffMax,

        @Setting(
                name = "origin.concurrency-start",
                value = "16",
                min = "1",
                max = "4096",
                description = "Ranges of one origin read at once at first; then as many as bring more bytes a second,"
                        + " up to origin.connections, and fewer when the origin asks to slow down.")
        int concurrencyStart,

        @Setting(
                name = "origin.connections-per-file",
                value = "64",
                min = "1",
                max = "4096",
                description = "Most ranges of one file read at once.")
        int connectionsPerFile,

        @Setting(
                name = "origin.gates",
                value = "256",
                min = "1",
                max = "65536",
                description = "Most origins whose rates and patience are remembered; the one unused for longest is"
                        + " forgotten first, and where all are in use, further ones share one memory.")
        int gatesMax,

        @Setting(
                name = "origin.queue",
                value = "8192",
                min = "1",
                max = "1000000",
                description = "Ranges of one origin waiting for their turn; more fail as overloaded.")
        int queueMax,

        @Setting(
                name = "origin.queue-wait",
                value = "30m",
                min = "100ms",
                max = "1d",
                description = "Longest wait of a range for its turn at an origin.")
        Duration queueWait,

        @Setting(
                name = "origin.hedge-percent",
                value = "2",
                min = "0",
                max = "100",
                description =
                        "What second requests for bytes whose first byte is late may cost, in percent of the bytes"
                                + " received; 0 for none, and no range is given up for being slower than the others.")
        int hedgePercent,

        @Setting(
                name = "origin.hedge-after-min",
                value = "200ms",
                min = "1ms",
                max = "1m",
                description = "A first byte is not late before so long; later, when 95 % of the latest came sooner and"
                        + " half of them in half the time.")
        Duration hedgeAfterMin,

        @Setting(
                name = "origin.breaker-failures",
                value = "20",
                min = "1",
                max = "100000",
                description =
                        "Failures of one origin in a row after which loads and read-ahead leave it alone for a while;"
                                + " readers do not.")
        int breakerFailures,

        @Setting(
                name = "origin.breaker-wait-max",
                value = "30s",
                min = "1s",
                max = "1h",
                description = "Largest upper end of the random wait before the background tries such an origin again.")
        Duration breakerWaitMax,

        @Setting(
                name = "origin.dataset-requests",
                value = "0",
                min = "0",
                max = "1000000",
                description = "Most requests for ranges per second and dataset; 0 for no limit.")
        int datasetRequests,

        @Setting(
                name = "origin.dataset-rate",
                value = "0",
                min = "0",
                max = "1TiB",
                description = "Most bytes per second and dataset from an origin; 0 for no limit.")
        DataSize datasetRate) {

    /** The defaults, as the annotations state them. */
    public static OriginSettings defaults() {
        return new SettingsBinder(Path.of("")).bind(OriginSettings.class, Map.of());
    }
}
