package io.hearth.fuse.kernel;

import io.hearth.fuse.FuseTransport;
import io.hearth.fuse.KernelReadAhead;
import io.hearth.fuse.MountedFileSystem;
import io.hearth.fuse.Unmounter;
import io.hearth.fuse.kernel.session.KernelSession;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session with its directory. It is ready when the kernel and we have agreed: its first request came and was
 * answered.
 */
final class KernelMount implements MountedFileSystem {
    private static final Logger LOG = LoggerFactory.getLogger(KernelMount.class);

    private final KernelSession session;
    private final Optional<Path> directory;
    private final FuseTransport.Options options;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /** @param directory empty if others have mounted, who also unmount */
    KernelMount(KernelSession session, Optional<Path> directory, FuseTransport.Options options) {
        this.session = session;
        this.directory = directory;
        this.options = options;
    }

    void start() {
        Thread thread = new Thread(
                () -> {
                    try {
                        session.serve();
                    } finally {
                        ended.complete(null);
                    }
                },
                "hearth-fuse-1");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void awaitReady(Duration bound) {
        try {
            session.agreed().get(bound.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            close();
            throw new HearthException(
                    FailureKind.TIMEOUT, "the kernel did not speak to us within " + bound.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new HearthException(FailureKind.TIMEOUT, "interrupted while waiting for the mount", e);
        } catch (ExecutionException e) {
            close();
            throw HearthException.of(e);
        }
        directory.ifPresent(mounted -> KernelReadAhead.set(mounted, options.readAheadBytes()));
    }

    @Override
    public boolean isAlive() {
        return !ended.isDone();
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    /** An unmount ends the session; where there is nothing to unmount, or it did not help, the session leaves. */
    @Override
    public void close() {
        if (ended.isDone()) {
            return;
        }
        directory.ifPresent(this::unmount);
        if ((directory.isEmpty() || !endsInTime()) && !session.leave(options.stepBound())) {
            LOG.warn("requests are still being answered after the end of their mount");
        }
    }

    private void unmount(Path mounted) {
        try {
            new Unmounter(options.busyGrace(), options.stepBound()).unmount(mounted, true);
        } catch (HearthException e) {
            if (e.kind() != FailureKind.NOT_FOUND) {
                LOG.warn("{}", e.getMessage());
            }
        }
    }

    private boolean endsInTime() {
        try {
            ended.get(options.stepBound().toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
