package io.hearth.fuse;

import io.hearth.client.MasterApi;
import io.hearth.client.ObjectReads;
import io.hearth.fuse.jnr.JnrFuseTransport;
import io.hearth.fuse.kernel.KernelTransport;
import io.hearth.fuse.kernel.device.Libc;
import io.hearth.fuse.tree.GenerationTree;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.Session;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.api.SessionRequest;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.settings.Durations;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A dataset on a directory: pins a generation by a session, mounts it, follows newer ones, and goes on with what it has
 * while no master answers. Thread-safe.
 */
public final class Mount implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mount.class);

    private final Parts parts;
    private final GenerationLoader loader;
    private final Path savedFile;
    private final SessionKeeper keeper;
    private final DatasetFileSystem fileSystem;
    private final MountedFileSystem mounted;
    private final ObjectReads reads;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    /**
     * What a mount is made of.
     *
     * @param reads gives the read path once; the mount closes it
     * @param workers is told which workers live, at the start and at every renewal
     * @param progress takes a line now and then while a long listing is read for the first time
     */
    public record Parts(
            MasterApi masters,
            Supplier<ObjectReads> reads,
            Consumer<List<WorkerAddress>> workers,
            MeterRegistry meters,
            Clock clock,
            Consumer<String> progress) {
        /** Says nothing of its progress. */
        public Parts(
                MasterApi masters,
                Supplier<ObjectReads> reads,
                Consumer<List<WorkerAddress>> workers,
                MeterRegistry meters,
                Clock clock) {
            this(masters, reads, workers, meters, clock, line -> {});
        }
    }

    /** @param live whether a master gave it */
    private record Start(Generation generation, GenerationTree tree, List<WorkerAddress> workers, boolean live) {}

    /** Loads what every mount takes of native code, some 0.1 s; a mount does it by itself where nobody did before. */
    public static void prepare() {
        Libc.load();
    }

    /**
     * Mounts and returns when the mount answers. Nothing is left behind where it fails.
     *
     * @param refresh how old a listing may be, such as {@code 2s}, or {@code manual}; empty: the dataset's own
     * @throws HearthException in one line
     */
    public static Mount start(
            MountSettings settings, DatasetName dataset, Path directory, Optional<String> refresh, Parts parts) {
        return start(
                settings,
                dataset,
                directory,
                refresh,
                parts,
                metrics -> new Transports(
                        settings.transport(),
                        () -> new KernelTransport(metrics),
                        () -> new JnrFuseTransport(metrics, System::nanoTime),
                        metrics));
    }

    static Mount start(
            MountSettings settings,
            DatasetName dataset,
            Path directory,
            Optional<String> refresh,
            Parts parts,
            Function<MountMetrics, Transports> choose) {
        refresh.filter(text -> !text.equals(DatasetSpec.REFRESH_MANUAL)).ifPresent(Durations::parse);
        MountMetrics metrics = new MountMetrics(parts.meters());
        Path real = MountPoint.adopted(directory) ? directory : MountPoint.check(directory);
        Transports transports = choose.apply(metrics);
        SegmentCache cache = new SegmentCache(
                settings.cacheDir().resolve("segments"), settings.listingCache().bytes(), parts.clock());
        GenerationLoader loader = new GenerationLoader(
                dataset,
                parts.masters(),
                cache,
                settings.listingRequestsMax(),
                settings.masterTimeout(),
                parts.clock());
        SessionRequest request = new SessionRequest(hostName() + ":" + real, refresh);
        SessionKeeper keeper = new SessionKeeper(dataset, request, parts.masters(), settings, metrics, parts.clock());
        Path saved = settings.cacheDir().resolve(Path.of("saved", dataset.namespace(), dataset.name() + ".json"));
        ObjectReads reads = null;
        try {
            Start start = load(dataset, keeper, loader, saved, parts.progress());
            reads = parts.reads().get();
            parts.workers().accept(start.workers());
            DatasetFileSystem fileSystem =
                    new DatasetFileSystem(start.tree(), reads, settings.openHandlesMax(), metrics, System::nanoTime);
            String staleness = refresh.orElseGet(() -> start.live()
                    ? refreshOf(dataset, parts.masters(), settings.masterTimeout())
                    : DatasetSpec.REFRESH_DEFAULT);
            MountedFileSystem mounted =
                    transports.mount(fileSystem, real, options(settings, staleness), settings.readyTimeout());
            Mount mount = new Mount(parts, loader, saved, keeper, fileSystem, mounted, reads);
            mount.save(start.generation(), start.workers());
            mount.follow();
            return mount;
        } catch (RuntimeException e) {
            keeper.close();
            if (reads != null) {
                reads.close();
            }
            throw e;
        }
    }

    private Mount(
            Parts parts,
            GenerationLoader loader,
            Path savedFile,
            SessionKeeper keeper,
            DatasetFileSystem fileSystem,
            MountedFileSystem mounted,
            ObjectReads reads) {
        this.parts = parts;
        this.loader = loader;
        this.savedFile = savedFile;
        this.keeper = keeper;
        this.fileSystem = fileSystem;
        this.mounted = mounted;
        this.reads = reads;
    }

    /** The generation that is shown. */
    public Generation generation() {
        return fileSystem.tree().generation();
    }

    /** Whether the mount still answers. */
    public boolean isAlive() {
        return mounted.isAlive();
    }

    /** Completes when the mount has ended, by {@link #close} or by an unmount from outside, and all is closed. */
    public CompletableFuture<Void> ended() {
        return closed.copy();
    }

    /** Unmounts, ends the session and the read path; bounded. Idempotent: a second caller waits for the first. */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            closed.join();
            return;
        }
        try {
            mounted.close();
            keeper.close();
            reads.close();
        } finally {
            closed.complete(null);
        }
    }

    private void follow() {
        keeper.start(generation().id(), this::onSession);
        // The thread that says so is the transport's last: the rest is done on another.
        mounted.ended().thenRun(() -> {
            if (!closing.get()) {
                new Thread(this::close, "hearth-mount-end").start();
            }
        });
    }

    private void onSession(Session session) {
        parts.workers().accept(session.workers());
        if (!session.generation().equals(generation().id())) {
            Generation next = loader.manifest(session.generation());
            fileSystem.switchTo(loader.load(next, Optional.of(fileSystem.tree()), LOG::info));
            save(next, session.workers());
        }
    }

    private void save(Generation generation, List<WorkerAddress> workers) {
        try {
            new SavedGeneration(SavedGeneration.FORMAT_VERSION, parts.clock().millis(), generation, workers)
                    .write(savedFile);
        } catch (IOException e) {
            LOG.warn(
                    "a start without masters will not know this listing: cannot write {}: {}",
                    savedFile,
                    e.getMessage());
        }
    }

    /** The newest generation from a master, or the saved one where none answers. */
    private static Start load(
            DatasetName dataset, SessionKeeper keeper, GenerationLoader loader, Path saved, Consumer<String> lines) {
        try {
            Session session = keeper.open();
            Generation generation = loader.manifest(session.generation());
            return new Start(generation, loader.load(generation, Optional.empty(), lines), session.workers(), true);
        } catch (HearthException e) {
            if (e.kind() != FailureKind.UNAVAILABLE && e.kind() != FailureKind.TIMEOUT) {
                throw e;
            }
            Optional<SavedGeneration> known = SavedGeneration.read(saved);
            if (known.isEmpty()) {
                throw new HearthException(
                        e.kind(),
                        e.getMessage() + "; and this node has no saved listing of " + dataset + " to start from",
                        e);
            }
            GenerationTree tree = loader.load(known.get().generation(), Optional.empty(), lines);
            LOG.warn("{} starts from the listing saved on this node: {}", dataset, e.getMessage());
            return new Start(known.get().generation(), tree, known.get().workers(), false);
        }
    }

    private static FuseTransport.Options options(MountSettings settings, String refresh) {
        Duration cacheFor = settings.kernelCache();
        if (!refresh.equals(DatasetSpec.REFRESH_MANUAL)) {
            Duration quarter = Durations.parse(refresh).dividedBy(4);
            cacheFor = quarter.compareTo(cacheFor) < 0 ? quarter : cacheFor;
        }
        return new FuseTransport.Options(
                cacheFor,
                settings.readAhead().bytes(),
                settings.backgroundMax(),
                settings.requestsMax(),
                (int) settings.requestSize().bytes(),
                settings.replyMemory().bytes(),
                settings.passthrough() == Passthrough.AUTO ? Optional.of(settings.passthroughWait()) : Optional.empty(),
                true,
                settings.busyGrace(),
                settings.unmountTimeout());
    }

    private static String refreshOf(DatasetName dataset, MasterApi masters, Duration bound) {
        try {
            return Waits.join(masters.describe(dataset), bound, "the dataset " + dataset)
                    .spec()
                    .refresh()
                    .orElse(DatasetSpec.REFRESH_DEFAULT);
        } catch (HearthException e) {
            return DatasetSpec.REFRESH_DEFAULT;
        }
    }

    private static String hostName() {
        String name = System.getenv("HOSTNAME");
        try {
            return name != null && !name.isBlank()
                    ? name
                    : java.nio.file.Files.readString(Path.of("/proc/sys/kernel/hostname"))
                            .strip();
        } catch (IOException e) {
            return "localhost";
        }
    }
}
