package io.hearth.worker.lend;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a worker watches.
 *
 * @param memory whether memory is wanted back
 * @param busy whether the node's own work is under way
 */
public record NodeSignals(List<Signal> memory, List<BusySignal> busy) implements AutoCloseable {
    private static final Path PRESSURE = Path.of("/proc/pressure");

    /** Of this machine, as far as the settings want them. Starts the thread that asks for GPUs. */
    public static NodeSignals of(LendSettings settings) {
        return new NodeSignals(
                settings.watch() ? memory(settings) : List.of(),
                settings.networkBusyRate().isPresent() ? busy(settings) : List.of());
    }

    private static List<Signal> memory(LendSettings settings) {
        List<Signal> signals = new ArrayList<>();
        signals.add(pressure("node memory pressure", PRESSURE.resolve("memory"), settings));
        signals.add(new AvailableSignal(StatusText.of(Path.of("/proc/meminfo")), settings.headroom()));
        settings.cgroup().ifPresent(directory -> {
            signals.add(pressure("cgroup memory pressure", directory.resolve("memory.pressure"), settings));
            signals.add(new CgroupSignal(
                    new CgroupSignal.Files(
                            StatusText.of(directory.resolve("memory.current")),
                            StatusText.of(directory.resolve("memory.high")),
                            StatusText.of(directory.resolve("memory.max")),
                            StatusText.of(directory.resolve("memory.stat")),
                            StatusText.of(directory.resolve("memory.events"))),
                    settings.headroom()));
        });
        return List.copyOf(signals);
    }

    private static Signal pressure(String name, Path file, LendSettings settings) {
        return new PressureSignal(
                name, stalls(file, settings), settings.memorySomePercent(), settings.memoryFullPercent());
    }

    private static List<BusySignal> busy(LendSettings settings) {
        List<BusySignal> signals = new ArrayList<>();
        signals.add(new StallBusySignal("I/O", stalls(PRESSURE.resolve("io"), settings), settings.ioBusyPercent()));
        signals.add(new StallBusySignal("a CPU", stalls(PRESSURE.resolve("cpu"), settings), settings.cpuBusyPercent()));
        if (!settings.gpuInterval().isZero()) {
            signals.add(new GpuLoad(GpuLoad.COMMAND, settings.gpuInterval(), settings.gpuBusyPercent()));
        }
        return List.copyOf(signals);
    }

    private static StallShare stalls(Path file, LendSettings settings) {
        return new StallShare(StatusText.of(file), settings.stallWindow().toMillis());
    }

    /** Within two seconds. */
    @Override
    public void close() {
        busy.stream().filter(GpuLoad.class::isInstance).map(GpuLoad.class::cast).forEach(GpuLoad::close);
    }
}
