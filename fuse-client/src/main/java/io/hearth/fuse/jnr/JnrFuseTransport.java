package io.hearth.fuse.jnr;

import io.hearth.fuse.FuseConf;
import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.FuseTransport;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.MountPoint;
import io.hearth.fuse.MountedFileSystem;
import io.hearth.fuse.NativeCalls;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;

/** Mounts through libfuse 2. Its requests carry at most 128 KiB; see the package. Thread-safe. */
public final class JnrFuseTransport implements FuseTransport {
    private final MountMetrics metrics;
    private final LongSupplier nanoTime;
    private final LibFuse2 library;
    private final NativeCalls calls;

    /**
     * @param nanoTime {@link System#nanoTime}
     * @throws HearthException {@link FailureKind#UNAVAILABLE} without libfuse 2
     */
    public JnrFuseTransport(MountMetrics metrics, LongSupplier nanoTime) {
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.calls = new NativeCalls();
        this.library = load();
    }

    @Override
    public String name() {
        return "jnr-fuse";
    }

    @Override
    public MountedFileSystem mount(FuseFileSystem fileSystem, Path directory, Options options) {
        if (MountPoint.adopted(directory)) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "libfuse 2 cannot serve " + directory + ": set mount.transport to kernel, or name a directory");
        }
        PathView paths = new PathView(fileSystem, options.cacheFor(), nanoTime);
        JnrFuseMount mount = new JnrFuseMount(directory, options, calls.uid() == 0);
        Upcalls upcalls = new Upcalls(fileSystem, paths, metrics, mount, calls.uid(), calls.gid());
        OperationsTable table = new OperationsTable();
        upcalls.register(table);
        mount.start(library, table, arguments(directory, options));
        return mount;
    }

    private String[] arguments(Path directory, Options options) {
        boolean others = options.allowOther() && (calls.uid() == 0 || FuseConf.usersMayAllowOthers());
        String seconds = seconds(options.cacheFor());
        String list = "ro,nosuid,nodev,fsname=hearth,subtype=hearth,default_permissions,use_ino"
                + ",attr_timeout=" + seconds
                + ",entry_timeout=" + seconds
                + ",negative_timeout=" + seconds
                + ",max_readahead=" + options.readAheadBytes()
                + ",max_background=" + options.backgroundMax()
                + ",congestion_threshold=" + Math.max(1, options.backgroundMax() * 3 / 4)
                + (others ? ",allow_other" : "");
        return new String[] {"hearth", directory.toString(), "-f", "-o", list};
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toMillis() / 1000.0);
    }

    private static LibFuse2 load() {
        UnsatisfiedLinkError failure = null;
        // Debian's package has the first name alone; the second is the developers' link.
        for (String name : new String[] {"libfuse.so.2", "fuse"}) {
            try {
                return LibraryLoader.loadLibrary(LibFuse2.class, Map.of(LibraryOption.LoadNow, true), name);
            } catch (UnsatisfiedLinkError e) {
                failure = e;
            }
        }
        throw new HearthException(
                FailureKind.UNAVAILABLE,
                "libfuse 2 is not installed: apt-get install libfuse2 (libfuse2t64 on newer releases)",
                failure);
    }
}
