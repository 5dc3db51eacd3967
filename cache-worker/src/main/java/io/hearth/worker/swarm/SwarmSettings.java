package io.hearth.worker.swarm;

import io.hearth.protocol.settings.Setting;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** How nodes fill each other. */
public record SwarmSettings(
        @Setting(
                name = "worker.swarm.neighbours",
                value = "16",
                min = "2",
                max = "16",
                description = "Nodes with which a node exchanges what it has of an object; up to as many again may"
                        + " choose it.")
        int neighbours,

        @Setting(
                name = "worker.swarm.requests-per-peer",
                value = "2",
                min = "1",
                max = "4",
                description = "Chunks on their way from one peer to another at once.")
        int requestsPerPeer,

        @Setting(
                name = "worker.swarm.requests-max",
                value = "2",
                min = "1",
                max = "64",
                description = "Chunks of one object on their way from all peers at once.")
        int requestsMax,

        @Setting(
                name = "worker.swarm.sends",
                value = "2",
                min = "1",
                max = "16",
                description = "Chunks sent to peers at once; the next one waits for the poorest asker.")
        int sends,

        @Setting(
                name = "worker.swarm.asks-max",
                value = "128",
                min = "8",
                max = "4096",
                description = "Peers that wait to be served; one more is not heard, and asks again.")
        int asksMax,

        @Setting(
                name = "worker.swarm.ask-wait",
                value = "5s",
                min = "100ms",
                max = "10m",
                description = "Who waits longer than this is served before poorer askers.")
        Duration askWait,

        @Setting(
                name = "worker.swarm.announce-interval",
                value = "20ms",
                min = "1ms",
                max = "1s",
                description = "Shortest time between two announcements to the same peer of what a node has.")
        Duration announceInterval,

        @Setting(
                name = "worker.swarm.heartbeat",
                value = "500ms",
                min = "50ms",
                max = "10s",
                description = "Longest time between two announcements to a peer that still lacks something.")
        Duration heartbeat,

        @Setting(
                name = "worker.swarm.stall-min",
                value = "500ms",
                min = "10ms",
                max = "1m",
                description = "Shortest time without a byte after which a second source is asked too.")
        Duration stallMin,

        @Setting(
                name = "worker.swarm.stall-factor",
                value = "4",
                min = "2",
                max = "100",
                description = "The same in usual chunk times of the peer; the longer one counts.")
        int stallFactor,

        @Setting(
                name = "worker.swarm.sample",
                value = "64",
                min = "1",
                max = "4096",
                description = "Chunks that could be asked for now of which the rarest is chosen.")
        int sample,

        @Setting(
                name = "worker.swarm.origin-blocks-max",
                value = "256",
                min = "1",
                max = "65536",
                description = "Blocks of one object under way from its origin at once, by all nodes together.")
        int originBlocksMax,

        @Setting(
                name = "worker.swarm.own-blocks-max",
                value = "8",
                min = "1",
                max = "64",
                description = "The same, by one node.")
        int ownBlocksMax,

        @Setting(
                name = "worker.swarm.origin-extra-percent",
                value = "1",
                min = "0",
                max = "100",
                description = "Of an object, how much all nodes together may take from the origin a second time where"
                        + " peers are slow. What readers wait for, or nobody else brings, is not counted.")
        int originExtraPercent,

        @Setting(
                name = "worker.swarm.lies-max",
                value = "3",
                min = "1",
                max = "1000",
                description = "Chunks that a peer names and does not have after which it is believed no more; after a"
                        + " chunk with a wrong checksum at once.")
        int liesMax,

        @Setting(
                name = "worker.swarm.ban",
                value = "1m",
                min = "1s",
                max = "24h",
                description = "For how long such a peer is not asked; twice as long each time.")
        Duration ban) {
    /** The defaults with some settings, by name, given as text. */
    public static SwarmSettings of(Map<String, String> values) {
        return new SettingsBinder(Path.of(".")).bind(SwarmSettings.class, values);
    }

    long announceNanos() {
        return announceInterval.toNanos();
    }

    long stallMinNanos() {
        return stallMin.toNanos();
    }
}
