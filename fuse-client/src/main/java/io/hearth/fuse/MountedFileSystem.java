package io.hearth.fuse;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A mount that was started. Thread-safe. */
public interface MountedFileSystem extends AutoCloseable {
    /**
     * Waits until a child process's question has come through the kernel to the file system.
     *
     * @throws io.hearth.protocol.HearthException if the mount failed, or does not answer within {@code bound}; it is
     *     unmounted then
     */
    void awaitReady(Duration bound);

    /** Whether the kernel may still ask. */
    boolean isAlive();

    /** Completes when the mount has ended, whoever ended it. */
    CompletableFuture<Void> ended();

    /**
     * Unmounts: plainly, then, after the grace for open files, by force and lazily. Each step is bounded; the directory
     * is an ordinary one afterwards. Idempotent.
     */
    @Override
    void close();
}
