package io.hearth.client;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Bounds and waits of the read path and of the client of the HTTP API. */
public record ClientSettings(
        @Setting(
                name = "client.connections",
                value = "2",
                min = "1",
                max = "64",
                description = "Data-plane connections that a client keeps to each worker.")
        int connections,

        @Setting(
                name = "client.io-threads",
                value = "2",
                min = "1",
                max = "64",
                description = "Threads that serve the data-plane connections of a client.")
        int ioThreads,

        @Setting(
                name = "client.requests",
                value = "64",
                min = "1",
                max = "4096",
                description = "Most reads under way on one data-plane connection; further ones go to the next source.")
        int requests,

        @Setting(
                name = "client.receive-buffer",
                value = "4MiB",
                min = "1MiB",
                max = "1GiB",
                description =
                        "Bytes received on one connection and not taken yet, beyond which reading from it pauses.")
        DataSize receiveBuffer,

        @Setting(
                name = "client.connect-timeout",
                value = "700ms",
                min = "10ms",
                max = "1m",
                description = "How long a connection to a worker, with its greeting, may take.")
        Duration connectTimeout,

        @Setting(
                name = "client.ping-after",
                value = "250ms",
                min = "10ms",
                max = "1m",
                description = "Silence of a worker that owes bytes, after which it is asked for a sign of life.")
        Duration pingAfter,

        @Setting(
                name = "client.stall-timeout",
                value = "700ms",
                min = "50ms",
                max = "5m",
                description =
                        "Silence after which a worker that gives no sign of life is left, and its reads go elsewhere.")
        Duration stallTimeout,

        @Setting(
                name = "client.worker-timeout",
                value = "30s",
                min = "100ms",
                max = "10m",
                description = "How long a read may wait for its next byte from a worker that gives signs of life.")
        Duration workerTimeout,

        @Setting(
                name = "client.down-min",
                value = "100ms",
                min = "1ms",
                max = "1m",
                description = "Pause before a worker that failed is tried again; doubles up to client.down-max.")
        Duration downMin,

        @Setting(
                name = "client.down-max",
                value = "5s",
                min = "1ms",
                max = "10m",
                description = "Longest pause before a worker that failed is tried again.")
        Duration downMax,

        @Setting(
                name = "client.read-memory",
                value = "64MiB",
                min = "4MiB",
                max = "64GiB",
                description = "Memory of a mount for chunks being read and read ahead.")
        DataSize readMemory,

        @Setting(
                name = "client.read-timeout",
                value = "60s",
                min = "100ms",
                max = "1h",
                description = "Longest wait of one read for its bytes.")
        Duration readTimeout,

        @Setting(
                name = "client.read-ahead",
                value = "16MiB",
                min = "0",
                max = "1GiB",
                description = "How far a sequential reader's chunks are fetched ahead of it.")
        DataSize readAhead,

        @Setting(
                name = "client.read-ahead-alone",
                value = "48MiB",
                min = "0",
                max = "16GiB",
                description =
                        "The same while no worker is up: then it alone keeps several requests to the origin under way.")
        DataSize readAheadAlone,

        @Setting(
                name = "client.prefetch",
                value = "256MiB",
                min = "0",
                max = "4GiB",
                description =
                        "How far ahead of sequential readers, all of a mount together, workers are told what will be"
                                + " wanted: for each what it reads while bytes are on their way. 0 = never.")
        DataSize prefetch,

        @Setting(
                name = "client.cursors",
                value = "64",
                min = "1",
                max = "256",
                description = "Sequential streams that are told apart in one file; of more, the one unused for longest"
                        + " begins anew.")
        int cursors,

        @Setting(
                name = "client.open-stores",
                value = "16",
                min = "1",
                max = "1024",
                description = "Clients of origins that are kept open.")
        int openStores,

        @Setting(
                name = "client.ticket-margin",
                value = "1m",
                min = "0s",
                max = "1h",
                description = "How long before its end a ticket to an origin is renewed.")
        Duration ticketMargin,

        @Setting(
                name = "client.ticket-retry",
                value = "5s",
                min = "10ms",
                max = "10m",
                description = "Pause after a ticket could not be renewed.")
        Duration ticketRetry,

        @Setting(
                name = "client.master-connect-timeout",
                value = "1s",
                min = "10ms",
                max = "1m",
                description = "How long a connection to a master may take.")
        Duration masterConnectTimeout,

        @Setting(
                name = "client.master-connections",
                value = "64",
                min = "1",
                max = "4096",
                description = "Connections to one master, one for each call under way; calls beyond wait for one.")
        int masterConnectionsMax,

        @Setting(
                name = "client.master-timeout",
                value = "10s",
                min = "100ms",
                max = "10m",
                description = "How long a master may take to answer; a long poll may take its wait longer.")
        Duration masterTimeout,

        @Setting(
                name = "client.listing-timeout",
                value = "15m",
                min = "1s",
                max = "1d",
                description = "How long a refresh, a check, an eviction or the start of a load may take.")
        Duration listingTimeout,

        @Setting(
                name = "client.watch-idle-timeout",
                value = "30s",
                min = "100ms",
                max = "10m",
                description =
                        "Silence of a master after which a watch of a load is broken; masters give a sign every 10 s.")
        Duration watchIdleTimeout,

        @Setting(
                name = "client.master-rounds",
                value = "3",
                min = "1",
                max = "100",
                description = "How often all masters are tried for one call.")
        int masterRounds) {
    /** The defaults. */
    public static ClientSettings defaults() {
        return of(Map.of());
    }

    /** The defaults with some settings, by name, given as text. */
    public static ClientSettings of(Map<String, String> values) {
        return new SettingsBinder(Path.of(".")).bind(ClientSettings.class, values);
    }
}
