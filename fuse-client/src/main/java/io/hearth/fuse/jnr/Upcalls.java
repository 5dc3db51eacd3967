package io.hearth.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import io.hearth.fuse.FuseErrno;
import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.FuseFileSystem.DirectoryEntry;
import io.hearth.fuse.FuseFileSystem.OpenReply;
import io.hearth.fuse.FuseFileSystem.Totals;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.MountMetrics.Operation;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;

/** libfuse's callbacks, on libfuse's threads. No exception leaves them: it would end the process. Thread-safe. */
final class Upcalls {
    private static final Logger LOG = LoggerFactory.getLogger(Upcalls.class);

    /** Offsets in libfuse 2.9's {@code fuse_file_info} on 64-bit Linux: int, long, int, bit-field, two u64. */
    private static final int FLAGS = 0;

    private static final int BITS = 20;
    private static final int HANDLE = 24;
    private static final int KEEP_CACHE_BIT = 1 << 1;

    private static final int O_ACCMODE = 3;

    private static final int DIRECTORY_MODE = FileStat.S_IFDIR | 0555;
    private static final int FILE_MODE = FileStat.S_IFREG | 0444;

    /** What {@code st_blksize} advises: the largest request that libfuse 2 takes. */
    private static final int BLOCK_BYTES = 128 << 10;

    private static final int STATFS_UNIT = 4096;
    private static final int NAME_BYTES_MAX = 255;
    private static final int LISTING_STEP = 1024;

    /** What libfuse gives where a number is not known; some programs pass over entries with the number 0. */
    private static final long UNKNOWN_INODE = 0xffff_ffffL;

    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private final FuseFileSystem fileSystem;
    private final PathView paths;
    private final MountMetrics metrics;
    private final String readyName;
    private final JnrFuseMount mount;
    private final int uid;
    private final int gid;
    private final AtomicBoolean surprised = new AtomicBoolean();

    /** @param mount told of each request, and of the look-up of its ready name: the mount answers */
    Upcalls(FuseFileSystem fileSystem, PathView paths, MountMetrics metrics, JnrFuseMount mount, int uid, int gid) {
        this.fileSystem = fileSystem;
        this.paths = paths;
        this.metrics = metrics;
        this.readyName = "/" + mount.readyName();
        this.mount = mount;
        this.uid = uid;
        this.gid = gid;
    }

    /** Puts all callbacks into {@code table}; what has none, {@code ENOSYS}, the kernel does not ask again. */
    void register(OperationsTable table) {
        table.set(OperationsTable.GETATTR, Upcall.Of2.class, this::getattr)
                .set(OperationsTable.FGETATTR, Upcall.Of3.class, this::fgetattr)
                .set(OperationsTable.OPEN, Upcall.Of2.class, this::open)
                .set(OperationsTable.READ, Upcall.Of5.class, this::read)
                .set(OperationsTable.RELEASE, Upcall.Of2.class, this::release)
                .set(OperationsTable.OPENDIR, Upcall.Of2.class, this::opendir)
                .set(OperationsTable.READDIR, Upcall.Of5.class, this::readdir)
                .set(OperationsTable.RELEASEDIR, Upcall.Of2.class, this::releasedir)
                .set(OperationsTable.STATFS, Upcall.Of2.class, this::statfs);
        Upcall.Of0 refuse = () -> -FuseErrno.EROFS.number();
        for (int change : OperationsTable.CHANGES) {
            table.set(change, Upcall.Of0.class, refuse);
        }
    }

    private int getattr(long path, long stat) {
        return answer(Operation.GETATTR, () -> {
            String name = path(path);
            if (name.equals(readyName)) {
                mount.probed();
                return -FuseErrno.ENOENT.number();
            }
            return fill(stat, paths.attributes(name));
        });
    }

    private int fgetattr(long path, long stat, long info) {
        return answer(
                Operation.GETATTR, () -> fill(stat, fileSystem.attributesOfHandle(MEMORY.getLong(info + HANDLE))));
    }

    private int open(long path, long info) {
        return answer(Operation.OPEN, () -> {
            if ((MEMORY.getInt(info + FLAGS) & O_ACCMODE) != 0) {
                return -FuseErrno.EROFS.number();
            }
            OpenReply reply = paths.open(path(path));
            MEMORY.putLong(info + HANDLE, reply.handle());
            if (reply.keepCache()) {
                MEMORY.putInt(info + BITS, MEMORY.getInt(info + BITS) | KEEP_CACHE_BIT);
            }
            return 0;
        });
    }

    private int read(long path, long buffer, long size, long offset, long info) {
        return answer(Operation.READ, () -> {
            long handle = MEMORY.getLong(info + HANDLE);
            paths.reads(handle);
            return fileSystem.read(handle, offset, MEMORY.newDirectByteBuffer(buffer, (int) size));
        });
    }

    private int release(long path, long info) {
        return answer(Operation.RELEASE, () -> {
            paths.release(MEMORY.getLong(info + HANDLE));
            return 0;
        });
    }

    private int opendir(long path, long info) {
        return answer(Operation.OPENDIR, () -> {
            long inode = paths.attributes(path(path)).inode();
            MEMORY.putLong(info + HANDLE, fileSystem.openDirectory(inode));
            return 0;
        });
    }

    /** Gives the whole listing at once: libfuse keeps it for the handle and answers the kernel's steps from there. */
    private int readdir(long path, long buffer, long filler, long offset, long info) {
        return answer(Operation.READDIR, () -> {
            long handle = MEMORY.getLong(info + HANDLE);
            try (DirectoryFiller fill = new DirectoryFiller(filler, buffer)) {
                fill.add(".", UNKNOWN_INODE, true);
                fill.add("..", UNKNOWN_INODE, true);
                long next = 0;
                List<DirectoryEntry> entries;
                do {
                    entries = fileSystem.readDirectory(handle, next, LISTING_STEP);
                    entries.forEach(entry -> fill.add(entry.name(), entry.displayInode(), entry.directory()));
                    next += entries.size();
                } while (!entries.isEmpty());
            }
            return 0;
        });
    }

    private int releasedir(long path, long info) {
        return answer(Operation.RELEASEDIR, () -> {
            fileSystem.releaseDirectory(MEMORY.getLong(info + HANDLE));
            return 0;
        });
    }

    private int statfs(long path, long address) {
        return answer(Operation.STATFS, () -> {
            Totals totals = fileSystem.totals();
            Statvfs statfs = Statvfs.of(pointer(address));
            statfs.f_bsize.set(STATFS_UNIT);
            statfs.f_frsize.set(STATFS_UNIT);
            statfs.f_blocks.set((totals.bytes() + STATFS_UNIT - 1) / STATFS_UNIT);
            statfs.f_bfree.set(0);
            statfs.f_bavail.set(0);
            statfs.f_files.set(totals.files() + totals.directories());
            statfs.f_ffree.set(0);
            statfs.f_favail.set(0);
            statfs.f_namemax.set(NAME_BYTES_MAX);
            return 0;
        });
    }

    private int fill(long address, Attributes attributes) {
        FileStat stat = FileStat.of(pointer(address));
        stat.st_ino.set(attributes.displayInode());
        stat.st_mode.set(attributes.directory() ? DIRECTORY_MODE : FILE_MODE);
        // 1 for a directory too: "subdirectories are not counted", which find and fts understand.
        stat.st_nlink.set(1);
        stat.st_uid.set(uid);
        stat.st_gid.set(gid);
        stat.st_size.set(attributes.sizeBytes());
        stat.st_blocks.set((attributes.sizeBytes() + 511) / 512);
        stat.st_blksize.set(BLOCK_BYTES);
        long seconds = Math.floorDiv(attributes.modifiedMs(), 1000L);
        long nanos = Math.floorMod(attributes.modifiedMs(), 1000L) * 1_000_000;
        stat.st_mtim.tv_sec.set(seconds);
        stat.st_mtim.tv_nsec.set(nanos);
        stat.st_ctim.tv_sec.set(seconds);
        stat.st_ctim.tv_nsec.set(nanos);
        stat.st_atim.tv_sec.set(seconds);
        stat.st_atim.tv_nsec.set(nanos);
        return 0;
    }

    private static String path(long address) {
        return NativeNames.read(address).orElseThrow(FuseErrno.ENOENT::failure);
    }

    private static Pointer pointer(long address) {
        return Pointer.wrap(Runtime.getSystemRuntime(), address);
    }

    private int answer(Operation operation, IntSupplier work) {
        long start = System.nanoTime();
        int result;
        mount.entered();
        try {
            result = work.getAsInt();
        } catch (Throwable e) {
            result = -FuseErrno.of(e);
            if (result == -FuseErrno.EIO.number() && surprised.compareAndSet(false, true)) {
                LOG.warn("{} failed; further failures are counted, not logged", operation, e);
            }
        } finally {
            mount.left();
        }
        if (result < 0) {
            metrics.error(-result);
        }
        metrics.operation(operation, start);
        return result;
    }
}
