package io.hearth.fuse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A way to bring the kernel's questions to a {@link FuseFileSystem}. */
public interface FuseTransport {
    /** Name for logs and for the {@code mount.transport} setting. */
    String name();

    /**
     * Starts a mount and returns at once; {@link MountedFileSystem#awaitReady} says whether it stands.
     *
     * @param directory an empty directory that {@link MountPoint#check} found fit; or {@code /dev/fd/N}, where somebody
     *     else has mounted with descriptor N
     * @throws io.hearth.protocol.HearthException in one line, if this machine cannot mount
     */
    MountedFileSystem mount(FuseFileSystem fileSystem, Path directory, Options options);

    /**
     * @param cacheFor how long the kernel may answer names and attributes by itself
     * @param readAheadBytes how far the kernel reads ahead, where this process may say so
     * @param backgroundMax read-ahead requests in flight
     * @param requestsMax requests answered at once; further ones wait in the kernel
     * @param requestBytesMax longest read to be asked for, where the transport can say so
     * @param replyBytesMax memory for the bytes of long reads under way, where the transport keeps its own
     * @param passthroughWait how long an open may wait to learn whether the whole file lies on this machine, to be read
     *     by the kernel itself; empty: it never is
     * @param allowOther whether other users may look; needs root or {@code user_allow_other}
     * @param busyGrace how long an unmount waits for programs that still hold files open before it cuts them off
     * @param stepBound bound of each step of an unmount
     */
    record Options(
            Duration cacheFor,
            long readAheadBytes,
            int backgroundMax,
            int requestsMax,
            int requestBytesMax,
            long replyBytesMax,
            Optional<Duration> passthroughWait,
            boolean allowOther,
            Duration busyGrace,
            Duration stepBound) {}
}
