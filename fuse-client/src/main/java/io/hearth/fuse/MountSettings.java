package io.hearth.fuse;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of a mount. */
public record MountSettings(
        @Setting(
                name = "mount.cache-dir",
                value = "${home}/mount",
                description = "Where listings are kept, so that a new mount loads only what changed.")
        Path cacheDir,

        @Setting(
                name = "mount.listing-cache",
                value = "1GiB",
                description = "Most bytes of listings kept in mount.cache-dir.",
                min = "1MiB")
        DataSize listingCache,

        @Setting(
                name = "mount.listing-requests",
                value = "8",
                description = "Segments of a listing fetched at once.",
                min = "1",
                max = "64")
        int listingRequestsMax,

        @Setting(
                name = "mount.kernel-cache",
                value = "250ms",
                description = "How long the kernel answers names and attributes by itself, and how long an open of"
                        + " an object waits that has just changed; at most a quarter of the refresh interval is used.",
                min = "0ms",
                max = "10s")
        Duration kernelCache,

        @Setting(
                name = "mount.read-ahead",
                value = "1MiB",
                description = "How far the kernel reads ahead of a sequential reader; set where this process may"
                        + " (root).",
                min = "128KiB",
                max = "16MiB")
        DataSize readAhead,

        @Setting(
                name = "mount.background-requests",
                value = "64",
                description = "Read-ahead requests that the kernel keeps in flight.",
                min = "1",
                max = "1000")
        int backgroundMax,

        @Setting(
                name = "mount.requests",
                value = "128",
                min = "2",
                max = "4096",
                description = "Requests that a mount answers at once, a thread each; further ones wait in the kernel.")
        int requestsMax,

        @Setting(
                name = "mount.request-size",
                value = "256KiB",
                min = "128KiB",
                max = "1MiB",
                description = "Longest read that the kernel asks of the kernel transport; libfuse's are 128 KiB.")
        DataSize requestSize,

        @Setting(
                name = "mount.reply-memory",
                value = "64MiB",
                min = "1MiB",
                max = "16GiB",
                description = "Memory for the bytes of reads above 64 KiB that are being answered; further ones wait."
                        + " The kernel transport's; libfuse has its own.")
        DataSize replyMemory,

        @Setting(
                name = "mount.transport",
                value = "auto",
                description =
                        "How the kernel is spoken with: kernel = its own protocol on /dev/fuse; jnr-fuse = libfuse 2;"
                                + " auto = kernel, and jnr-fuse where that does not work.")
        TransportChoice transport,

        @Setting(
                name = "mount.passthrough",
                value = "auto",
                description =
                        "Whether the kernel reads files by itself that are wholly in the tier of this node's worker"
                                + " (Linux 6.9, transport kernel, and this process or that worker has CAP_SYS_ADMIN): as"
                                + " fast as local files, mapped too. off = never.")
        Passthrough passthrough,

        @Setting(
                name = "mount.passthrough-wait",
                value = "30ms",
                description =
                        "How long an open waits for the worker to say whether it has the whole file, and once more"
                                + " where it is the worker that has the kernel read it.",
                min = "0ms",
                max = "10s")
        Duration passthroughWait,

        @Setting(
                name = "mount.open-handles",
                value = "65536",
                description = "Most files and directories open at once; more get ENFILE.",
                min = "16")
        int openHandlesMax,

        @Setting(
                name = "mount.ready-timeout",
                value = "10s",
                description = "How long a new mount may take until it answers.",
                min = "100ms",
                max = "5m")
        Duration readyTimeout,

        @Setting(
                name = "mount.master-timeout",
                value = "10s",
                description = "How long a start waits for the masters before it takes the saved listing.",
                min = "100ms",
                max = "5m")
        Duration masterTimeout,

        @Setting(
                name = "mount.renew-wait",
                value = "20s",
                description = "How long a renewal waits at the master for a newer generation.",
                min = "100ms",
                max = "30s")
        Duration renewWait,

        @Setting(
                name = "mount.retry-delay",
                value = "1s",
                description = "Pause before a failed renewal is tried again; doubles up to 16 times this.",
                min = "10ms",
                max = "1m")
        Duration retryDelay,

        @Setting(
                name = "mount.busy-grace",
                value = "2s",
                description =
                        "How long an unmount waits for programs that hold files open before it cuts them" + " off.",
                min = "0ms",
                max = "1h")
        Duration busyGrace,

        @Setting(
                name = "mount.unmount-timeout",
                value = "5s",
                description = "Bound of each step of an unmount.",
                min = "100ms",
                max = "5m")
        Duration unmountTimeout) {}
