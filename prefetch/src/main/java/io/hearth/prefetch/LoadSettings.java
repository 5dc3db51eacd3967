package io.hearth.prefetch;

import io.hearth.prefetch.round.RoundLimits;
import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import java.time.Duration;

/** The load engine's settings. */
public record LoadSettings(
        @Setting(
                name = "loads.running-max",
                value = "16",
                min = "1",
                max = "1024",
                description = "Loads at work at once; further ones wait.")
        int runningMax,

        @Setting(
                name = "loads.kept-max",
                value = "1000",
                min = "1",
                max = "100000",
                description = "Loads kept, ended ones included; the ones that ended first make room, and where none has"
                        + " ended a new one is refused.")
        int keptMax,

        @Setting(
                name = "loads.shares-filling",
                value = "2",
                min = "1",
                max = "64",
                description = "Shares of one load that one worker fills at once; a share has up to 8,192 files.")
        int sharesFilling,

        @Setting(
                name = "loads.poll-interval",
                value = "500ms",
                min = "10ms",
                max = "10s",
                description = "How often workers are asked how far they are.")
        Duration pollInterval,

        @Setting(
                name = "loads.publish-interval",
                value = "250ms",
                min = "10ms",
                description = "Shortest time between two states of a load that a watch is told.")
        Duration publishInterval,

        @Setting(
                name = "loads.save-interval",
                value = "2s",
                min = "10ms",
                description = "How often the state of a load at work is written to the cluster store.")
        Duration saveInterval,

        @Setting(
                name = "loads.request-timeout",
                value = "10s",
                min = "100ms",
                description = "Longest wait for a worker's answer, beyond what it was asked to wait.")
        Duration requestTimeout,

        @Setting(
                name = "loads.worker-wait",
                value = "30s",
                min = "100ms",
                description = "How long a load waits for a worker that is gone, or for any worker, before it goes on"
                        + " without.")
        Duration workerWait,

        @Setting(
                name = "loads.stall-timeout",
                value = "5m",
                min = "1s",
                description = "A round of a load in which no byte arrives or is verified for this long ends, and counts"
                        + " as failed.")
        Duration stallTimeout,

        @Setting(
                name = "loads.retry-pause",
                value = "3s",
                min = "0s",
                description = "Pause before the first retry of what failed; doubles with each, up to a minute.")
        Duration retryPause,

        @Setting(
                name = "loads.planning-queue",
                value = "64",
                min = "1",
                description = "New loads waiting to be looked up in their dataset; more fail as overloaded.")
        int planningQueue,

        @Setting(
                name = "loads.watches-max",
                value = "256",
                min = "1",
                description = "Watches at once; one more is refused.")
        int watchesMax,

        @Setting(
                name = "loads.request-max",
                value = "256KiB",
                min = "1KiB",
                description = "Longest description of a load that is taken.")
        DataSize requestMax,

        @Setting(
                name = "loads.close-timeout",
                value = "5s",
                min = "100ms",
                description = "How long the engine may take to stop; loads go on after the next start.")
        Duration closeTimeout) {
    RoundLimits round() {
        return new RoundLimits(sharesFilling, pollInterval, requestTimeout, workerWait, stallTimeout);
    }
}
