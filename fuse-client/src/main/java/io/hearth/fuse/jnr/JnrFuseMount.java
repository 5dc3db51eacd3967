package io.hearth.fuse.jnr;

import io.hearth.fuse.FuseTransport;
import io.hearth.fuse.KernelReadAhead;
import io.hearth.fuse.MountProbe;
import io.hearth.fuse.MountedFileSystem;
import io.hearth.fuse.ServingThreads;
import io.hearth.fuse.Unmounter;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.byref.IntByReference;
import jnr.ffi.byref.PointerByReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mount served by libfuse on threads of ours. jnr-fuse's own {@code mount} is not used: it waits 2 s in any case, and
 * its shutdown hook races with ours.
 */
final class JnrFuseMount implements MountedFileSystem {
    private static final Logger LOG = LoggerFactory.getLogger(JnrFuseMount.class);

    private final Path directory;
    private final FuseTransport.Options options;
    private final boolean root;
    private final String readyName = ".hearth-ready-" + UUID.randomUUID();
    private final CompletableFuture<Void> initialised = new CompletableFuture<>();
    private final CompletableFuture<Void> probed = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile Optional<ServingThreads> serving = Optional.empty();
    private volatile int result;

    JnrFuseMount(Path directory, FuseTransport.Options options, boolean root) {
        this.directory = directory;
        this.options = options;
        this.root = root;
    }

    String readyName() {
        return readyName;
    }

    void probed() {
        probed.complete(null);
    }

    void start(LibFuse2 library, OperationsTable table, String[] arguments) {
        table.set(OperationsTable.INIT, Upcall.Init.class, connection -> {
            initialised.complete(null);
            return 0;
        });
        Thread thread = new Thread(
                () -> {
                    try {
                        result = serve(library, table, arguments);
                    } catch (RuntimeException | Error e) {
                        result = -1;
                        LOG.warn("libfuse ended by a failure on {}", directory, e);
                    } finally {
                        ended.complete(null);
                    }
                },
                "hearth-fuse-1");
        thread.setDaemon(true);
        thread.start();
    }

    /** What {@code fuse_main} does, with our threads in its loop; 1 where it cannot mount. */
    private int serve(LibFuse2 library, OperationsTable table, String[] arguments) {
        PointerByReference mountPoint = new PointerByReference();
        Pointer fuse = library.fuse_setup(
                arguments.length,
                arguments,
                table.memory(),
                table.sizeBytes(),
                mountPoint,
                new IntByReference(),
                Pointer.wrap(Runtime.getSystemRuntime(), 0));
        if (fuse == null) {
            return 1;
        }
        Pointer session = library.fuse_get_session(fuse);
        ServingThreads threads = new ServingThreads(() -> library.fuse_session_loop(session), options.requestsMax());
        serving = Optional.of(threads);
        if (threads.serve()) {
            library.fuse_teardown(fuse, mountPoint.getValue());
        } else {
            LOG.warn("a request is still being answered after the mount on {} ended", directory);
        }
        return 0;
    }

    /** A callback begins on one of the serving threads. */
    void entered() {
        serving.ifPresent(ServingThreads::entered);
    }

    /** And ends. */
    void left() {
        serving.ifPresent(ServingThreads::left);
    }

    @Override
    public void awaitReady(Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        try {
            await(CompletableFuture.anyOf(initialised, ended), deadline);
            failIfEnded();
            // Only now: a question before the mount stands would go to the directory below it.
            if (!MountProbe.ask(directory.resolve(readyName), remaining(deadline))) {
                probed.complete(null); // Nothing here can ask: libfuse's word that it serves must do.
            }
            await(CompletableFuture.anyOf(probed, ended), deadline);
            failIfEnded();
        } catch (TimeoutException e) {
            close();
            throw new HearthException(
                    FailureKind.TIMEOUT,
                    "the mount on " + directory + " did not answer within " + bound.toMillis() + " ms",
                    e);
        }
        KernelReadAhead.set(directory, options.readAheadBytes());
    }

    @Override
    public boolean isAlive() {
        return !ended.isDone();
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    @Override
    public void close() {
        if (ended.isDone()) {
            return;
        }
        try {
            new Unmounter(options.busyGrace(), options.stepBound()).unmount(directory, true);
        } catch (HearthException e) {
            if (e.kind() != FailureKind.NOT_FOUND) {
                LOG.warn("{}", e.getMessage());
            }
        }
        try {
            await(ended, System.nanoTime() + options.stepBound().toNanos());
        } catch (TimeoutException e) {
            LOG.warn("libfuse still serves {} after its unmount", directory);
        }
    }

    private void failIfEnded() {
        if (ended.isDone()) {
            throw new HearthException(
                    FailureKind.INTERNAL,
                    "libfuse could not mount on " + directory + " (code " + result + ", its reason is on stderr)"
                            + (root ? "" : ": run as root, or install fusermount (apt-get install fuse)"));
        }
    }

    private static Duration remaining(long deadline) {
        return Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
    }

    private static void await(CompletableFuture<?> future, long deadline) throws TimeoutException {
        try {
            future.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TimeoutException("interrupted");
        } catch (ExecutionException e) {
            throw HearthException.of(e);
        }
    }
}
