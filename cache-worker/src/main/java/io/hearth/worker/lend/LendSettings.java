package io.hearth.worker.lend;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** When and how a worker gives back what it lends. */
public record LendSettings(
        @Setting(
                name = "worker.lend.watch",
                value = "true",
                description =
                        "Whether the worker gives memory back when the node runs short of it; without, only when it"
                                + " is told.")
        boolean watch,

        @Setting(
                name = "worker.lend.look-interval",
                value = "100ms",
                min = "20ms",
                max = "10s",
                description = "How often the node's signals are read.")
        Duration lookInterval,

        @Setting(
                name = "worker.lend.stall-window",
                value = "1s",
                min = "100ms",
                max = "1m",
                description = "Over how long stalls for memory, I/O and CPU are counted.")
        Duration stallWindow,

        @Setting(
                name = "worker.lend.memory-some-percent",
                value = "10",
                min = "1",
                max = "100",
                description =
                        "Memory is given back when some task waits for memory this much of the time; calm is below"
                                + " half of it.")
        int memorySomePercent,

        @Setting(
                name = "worker.lend.memory-full-percent",
                value = "2",
                min = "1",
                max = "100",
                description = "As worker.lend.memory-some-percent, for all tasks waiting at once.")
        int memoryFullPercent,

        @Setting(
                name = "worker.lend.free-percent",
                value = "5",
                min = "0",
                max = "90",
                description = "Memory is given back when less than this share of the node's, or the cgroup's, memory is"
                        + " available; calm is above one and a half times that.")
        int freePercent,

        @Setting(
                name = "worker.lend.free-min",
                value = "1GiB",
                min = "0",
                description =
                        "As worker.lend.free-percent, in bytes; the larger of the two counts, this one up to a tenth"
                                + " of the memory.")
        DataSize freeMin,

        @Setting(
                name = "worker.lend.cgroup",
                value = "",
                description = "Directory of a cgroup v2 whose memory limit and pressure are watched too:"
                        + " /sys/fs/cgroup/kubepods.slice.")
        Optional<Path> cgroup,

        @Setting(
                name = "worker.lend.step-percent",
                value = "10",
                min = "1",
                max = "100",
                description =
                        "Share of the memory quota that is given back at once when a signal does not tell how much.")
        int stepPercent,

        @Setting(
                name = "worker.lend.settle",
                value = "2s",
                min = "0s",
                max = "10m",
                description = "How long the effect of giving back is waited for before a signal is followed again.")
        Duration settle,

        @Setting(
                name = "worker.lend.calm",
                value = "30s",
                min = "0s",
                max = "1h",
                description = "How long all signals must be calm before memory is taken again.")
        Duration calm,

        @Setting(
                name = "worker.lend.calm-max",
                value = "10m",
                min = "0s",
                max = "24h",
                description =
                        "To which worker.lend.calm doubles when pressure returns soon after memory was taken again.")
        Duration calmMax,

        @Setting(
                name = "worker.lend.grow-percent",
                value = "10",
                min = "1",
                max = "100",
                description = "Share of the memory quota that is taken again in one step.")
        int growPercent,

        @Setting(
                name = "worker.lend.grow-interval",
                value = "10s",
                min = "10ms",
                max = "1h",
                description = "Time between two such steps.")
        Duration growInterval,

        @Setting(
                name = "worker.lend.free-threads",
                value = "4",
                min = "1",
                max = "64",
                description = "Threads that free files side by side.")
        int freeThreads,

        @Setting(
                name = "worker.lend.network-busy-rate",
                value = "",
                description =
                        "Bytes a second that are sent to readers on other nodes while this node is busy, such as 5 % of"
                                + " its link: 60MiB; empty for no limit.")
        Optional<DataSize> networkBusyRate,

        @Setting(
                name = "worker.lend.gpu-interval",
                value = "5s",
                min = "0s",
                max = "10m",
                description =
                        "How often nvidia-smi, where there is one, is asked how busy the GPUs are; 0s for never. Only"
                                + " with worker.lend.network-busy-rate.")
        Duration gpuInterval,

        @Setting(
                name = "worker.lend.gpu-busy-percent",
                value = "20",
                min = "1",
                max = "100",
                description = "The node is busy while a GPU works this much.")
        int gpuBusyPercent,

        @Setting(
                name = "worker.lend.io-busy-percent",
                value = "20",
                min = "1",
                max = "100",
                description = "The node is busy while some task waits for I/O this much of the time.")
        int ioBusyPercent,

        @Setting(
                name = "worker.lend.cpu-busy-percent",
                value = "50",
                min = "1",
                max = "100",
                description = "The node is busy while some task waits for a CPU this much of the time.")
        int cpuBusyPercent) {

    LendPolicy.Pace pace() {
        return new LendPolicy.Pace(
                stepPercent,
                settle.toMillis(),
                calm.toMillis(),
                Math.max(calm.toMillis(), calmMax.toMillis()),
                growPercent,
                growInterval.toMillis());
    }

    Headroom headroom() {
        return new Headroom(freePercent, freeMin.bytes());
    }
}
