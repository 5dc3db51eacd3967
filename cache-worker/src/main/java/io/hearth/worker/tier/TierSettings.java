package io.hearth.worker.tier;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The settings of all tiers together; those of one are in {@link TierSpec}. */
public record TierSettings(
        @Setting(
                name = "worker.admission",
                value = "stream",
                description = "What happens to a read of an object that no tier has room for: stream = its bytes pass"
                        + " through and are not kept; refuse = it fails before a byte is fetched.")
        Admission admission,

        @Setting(
                name = "worker.free-space-floor",
                value = "1GiB",
                min = "0",
                description = "Free space of the file system under an SSD or HDD tier below which nothing new comes in"
                        + " and objects leave; at most a fortieth of the file system.")
        DataSize freeSpaceFloor,

        @Setting(
                name = "worker.free-memory-floor",
                value = "128MiB",
                min = "0",
                description = "The same for a MEM tier and its tmpfs.")
        DataSize freeMemoryFloor,

        @Setting(
                name = "worker.tier-upkeep-interval",
                value = "100ms",
                min = "1ms",
                max = "10s",
                description = "How often tiers are looked at: watermarks, free space, failures, moves.")
        Duration upkeepInterval,

        @Setting(
                name = "worker.move-rate",
                value = "256MiB",
                min = "1MiB",
                description = "Bytes a second that are copied between tiers at most; one object at a time.")
        DataSize moveRate,

        @Setting(
                name = "worker.move-wait",
                value = "30s",
                min = "0s",
                description = "How long a copy in another tier waits for the object's readers to let go before it is"
                        + " given up.")
        Duration moveWait,

        @Setting(
                name = "worker.promotions-max",
                value = "1024",
                min = "0",
                max = "1000000",
                description = "Objects remembered as candidates for a faster tier; 0 for no promotion.")
        int promotionsMax,

        @Setting(
                name = "worker.huge-pages",
                value = "auto",
                description =
                        "Whether blocks of memory tiers get pages of 2 MiB before they are filled: auto = where the"
                                + " kernel gives them (Linux 6.1) for less processor time than they save; always ="
                                + " at any price, for a node that wants its memory back in milliseconds; off = never.")
        HugePageUse hugePages,

        @Setting(
                name = "worker.tier-failures",
                value = "3",
                min = "1",
                max = "1000",
                description = "I/O errors of a tier's disk within a minute after which it goes out of service; a"
                        + " read-only file system counts at once.")
        int failuresMax,

        @Setting(
                name = "worker.tier-probe-pause",
                value = "5s",
                min = "10ms",
                max = "1h",
                description = "Pause before a tier out of service is tried again; doubles up to 64 times this after"
                        + " each failure.")
        Duration probePause) {

    /** What stands when nothing is set. */
    public static TierSettings defaults() {
        return new SettingsBinder(Path.of("")).bind(TierSettings.class, Map.of());
    }

    long floorBytes(Medium medium) {
        return (medium == Medium.MEM ? freeMemoryFloor : freeSpaceFloor).bytes();
    }
}
