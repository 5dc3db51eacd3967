package io.hearth.fuse;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;

/** The meters of a mount, all registered up front. Thread-safe. */
public final class MountMetrics {
    /** What the kernel asks, as transports see it. */
    public enum Operation {
        LOOKUP,
        GETATTR,
        STATX,
        OPEN,
        READ,
        RELEASE,
        OPENDIR,
        READDIR,
        READDIRPLUS,
        RELEASEDIR,
        STATFS,
        FORGET,
        INTERRUPT;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where the bytes of an open file come from. */
    public enum OpenPath {
        /** The kernel reads the worker's file itself. */
        PASSTHROUGH,
        /** This process reads the worker's file; what is not there yet as well. */
        DESCRIPTOR,
        /** Over a socket, from a worker or the origin. */
        SOCKET;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Errnos told apart; all others count as {@code other}. */
    private static final Map<Integer, String> ERRNOS = Map.of(
            2,
            "ENOENT",
            4,
            "EINTR",
            5,
            "EIO",
            13,
            "EACCES",
            20,
            "ENOTDIR",
            21,
            "EISDIR",
            23,
            "ENFILE",
            110,
            "ETIMEDOUT",
            116,
            "ESTALE");

    private static final List<String> TRANSPORTS = List.of("kernel", "jnr-fuse");

    private final Map<Operation, Timer> operations = new EnumMap<>(Operation.class);
    private final Map<Integer, Counter> errors = new TreeMap<>();
    private final Map<OpenPath, Counter> opens = new EnumMap<>(OpenPath.class);
    private final Counter otherErrors;
    private final Counter readBytes;
    private final Counter switches;
    private final Counter lostSessions;
    private final AtomicReference<IntSupplier> handles = new AtomicReference<>(() -> 0);
    private final AtomicReference<IntSupplier> behindSeconds = new AtomicReference<>(() -> 0);
    private final AtomicReference<IntSupplier> kernelNodes = new AtomicReference<>(() -> 0);
    private final AtomicReference<String> transport = new AtomicReference<>("");
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong treeBytes = new AtomicLong();

    public MountMetrics(MeterRegistry registry) {
        for (Operation operation : Operation.values()) {
            operations.put(
                    operation,
                    Timer.builder("hearth.mount.operations")
                            .description("Time to answer a FUSE operation")
                            .tag("operation", operation.label())
                            .register(registry));
        }
        ERRNOS.forEach((number, name) -> errors.put(number, errorCounter(registry, name)));
        otherErrors = errorCounter(registry, "other");
        for (OpenPath path : OpenPath.values()) {
            opens.put(
                    path,
                    Counter.builder("hearth.mount.opens")
                            .description("Files opened, by the way that their bytes were about to take; counted by the"
                                    + " kernel transport alone")
                            .tag("path", path.label())
                            .register(registry));
        }
        readBytes = Counter.builder("hearth.mount.read")
                .description("Bytes given to readers by FUSE reads; reads from the page cache do not come here")
                .baseUnit("bytes")
                .register(registry);
        switches = Counter.builder("hearth.mount.generation.switches")
                .description("Times the tree was switched to a newer generation")
                .register(registry);
        lostSessions = Counter.builder("hearth.mount.sessions.lost")
                .description("Times the session with the master had to be opened anew")
                .register(registry);
        Gauge.builder("hearth.mount.open.handles", () -> handles.get().getAsInt())
                .description("Files and directories held open by programs")
                .register(registry);
        Gauge.builder("hearth.mount.refresh.lag", () -> behindSeconds.get().getAsInt())
                .description("Time since a master last confirmed or gave the generation that is shown")
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder("hearth.mount.kernel.nodes", () -> kernelNodes.get().getAsInt())
                .description("Files and directories that the kernel remembers; counted by the kernel transport alone")
                .register(registry);
        for (String name : TRANSPORTS) {
            Gauge.builder("hearth.mount.transport", () -> name.equals(transport.get()) ? 1 : 0)
                    .description("1 for the transport that this mount is served by")
                    .tag("transport", name)
                    .register(registry);
        }
        Gauge.builder("hearth.mount.files", files, AtomicLong::get)
                .description("Files in the generation that is shown")
                .register(registry);
        Gauge.builder("hearth.mount.tree", treeBytes, AtomicLong::get)
                .description("Memory that the tree of the generation takes")
                .baseUnit("bytes")
                .register(registry);
    }

    private static Counter errorCounter(MeterRegistry registry, String errno) {
        return Counter.builder("hearth.mount.errors")
                .description("FUSE operations answered with an error")
                .tag("errno", errno)
                .register(registry);
    }

    /** Counts one operation that began at {@code startNanos} ({@link System#nanoTime}) and ends now. */
    public void operation(Operation operation, long startNanos) {
        operations.get(operation).record(System.nanoTime() - startNanos, java.util.concurrent.TimeUnit.NANOSECONDS);
    }

    /** Counts an open. */
    public void opened(OpenPath path) {
        opens.get(path).increment();
    }

    /** Counts an error by its positive errno. */
    public void error(int errno) {
        errors.getOrDefault(errno, otherErrors).increment();
    }

    /** @param known counts what the kernel remembers */
    public void kernelNodes(IntSupplier known) {
        kernelNodes.set(known);
    }

    /** @param name of the transport in use */
    void transport(String name) {
        transport.set(name);
    }

    void read(long bytes) {
        readBytes.increment(bytes);
    }

    void switched() {
        switches.increment();
    }

    void sessionLost() {
        lostSessions.increment();
    }

    /** @param sizeBytes memory of the tree that is shown */
    void tree(long fileCount, long sizeBytes) {
        files.set(fileCount);
        treeBytes.set(sizeBytes);
    }

    void handles(IntSupplier open) {
        handles.set(open);
    }

    void behindSeconds(IntSupplier lag) {
        behindSeconds.set(lag);
    }
}
