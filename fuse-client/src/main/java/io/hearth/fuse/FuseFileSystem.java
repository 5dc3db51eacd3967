package io.hearth.fuse;

import io.hearth.client.FileTaker;
import io.hearth.client.WholeFile;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A read-only tree, asked by inode. Thread-safe; knows nothing of the transport above it.
 *
 * <p>An inode stands for one version of one file (or for one directory): where a refresh puts a new object at a path,
 * the path gets a new inode. Failures are {@link FuseFailure} or {@link io.hearth.protocol.HearthException};
 * {@link FuseErrno#of} gives the errno of either.
 */
public interface FuseFileSystem {
    /** The inode of the root directory. */
    long ROOT = 1;

    /**
     * The entry of that name.
     *
     * @return empty where there is none
     * @throws FuseFailure {@code ENOTDIR} if the parent is a file, {@code ESTALE} if it is gone, {@code ENAMETOOLONG}
     *     above 255 bytes of UTF-8
     */
    Optional<Attributes> lookup(long parent, String name);

    /** @throws FuseFailure {@code ESTALE} if the inode is neither in the tree nor held open */
    Attributes attributes(long inode);

    /**
     * Opens a directory: the listing stays as it is now until {@link #releaseDirectory}.
     *
     * @return a handle
     */
    long openDirectory(long inode);

    /**
     * The entries from {@code offset} (0: the first) in the order of the names' bytes, without {@code .} and
     * {@code ..}.
     *
     * @param limit most entries wanted, at least 1
     * @return empty at the end; an entry's own offset is {@code offset} plus its index
     */
    List<DirectoryEntry> readDirectory(long handle, long offset, int limit);

    /**
     * What {@code stat} shows of an entry of that listing now; empty where its name has another inode since.
     *
     * @param directory the directory's inode
     */
    default Optional<Attributes> current(long handle, long directory, DirectoryEntry entry) {
        return lookup(directory, entry.name()).filter(found -> found.inode() == entry.inode());
    }

    void releaseDirectory(long handle);

    /**
     * Opens a file for reading and pins its object.
     *
     * @throws FuseFailure {@code EISDIR}, {@code ESTALE}, or {@code ENFILE} when too many are open
     */
    OpenReply open(long inode);

    /**
     * Reads at {@code offset} until {@code target} is full or the file ends. Blocks, within the read path's bound;
     * an interrupt of the calling thread ends it with a failure, and leaves the thread interrupted.
     *
     * @return bytes read; 0 at or after the end. Never short before the end: that is {@code EIO}
     */
    int read(long handle, long offset, ByteBuffer target);

    /**
     * As {@link #read(long, long, ByteBuffer)}; but if all the bytes lie in a file of this machine, they are offered to
     * {@code taker}. If it takes them, {@code target} stays as it was.
     */
    default int read(long handle, long offset, ByteBuffer target, FileTaker taker) {
        return read(handle, offset, target);
    }

    /**
     * The file of this machine that has all bytes of an open file, held; empty if there is none. Waits for it, within
     * {@code bound}.
     */
    default Optional<WholeFile> whole(long handle, Duration bound) {
        return Optional.empty();
    }

    /** Whether a file of this machine, which may lack bytes, is open for an open file. */
    default boolean hasFile(long handle) {
        return false;
    }

    /** From now on {@code watcher} is told of inodes; it takes the place of the one before. */
    default void watchFiles(InodeWatcher watcher) {}

    /** Gives the name at which an inode stands now, if it is in the tree, to {@code visitor}. */
    default void visitName(long inode, NameVisitor visitor) {}

    /** Attributes of an open file, as at its opening. */
    Attributes attributesOfHandle(long handle);

    /** Ends a handle; unknown handles are left alone. */
    void release(long handle);

    Totals totals();

    /** From now on {@code watcher} is told of every refresh; it takes the place of the one before. */
    void watchNames(NameWatcher watcher);

    /** Is told of a refresh as soon as the new tree shows, on the thread of the refresh: hand on what takes time. */
    @FunctionalInterface
    interface NameWatcher {
        void switched(ChangedNames changed);
    }

    /** Learns where the bytes of open inodes lie on this machine; must not block. */
    @FunctionalInterface
    interface InodeWatcher {
        /** @param whole whether all of them are now in one file; else they have left the file in which they were */
        void changed(long inode, boolean whole);
    }

    /** The names that a refresh gave, took away, or gave to another object. A name may occur twice. */
    @FunctionalInterface
    interface ChangedNames {
        /** Looks at every node of both trees. */
        void forEach(NameVisitor visitor);
    }

    /** Takes one name. */
    @FunctionalInterface
    interface NameVisitor {
        void visit(long parentInode, String name);
    }

    /**
     * What {@code stat} shows, and what a transport needs to cache safely.
     *
     * @param inode this version's number
     * @param displayInode {@code st_ino}: stable for a path over refreshes, unique in the tree
     * @param sizeBytes 0 for a directory
     * @param modifiedMs milliseconds since 1970; for a directory the latest below it
     * @param sinceNanos when this version took its path, as {@link System#nanoTime} counts; 0 if it was there from the
     *     start
     */
    record Attributes(
            long inode, long displayInode, boolean directory, long sizeBytes, long modifiedMs, long sinceNanos) {}

    /** One entry of a listing. */
    record DirectoryEntry(String name, long inode, long displayInode, boolean directory) {}

    /**
     * @param attributes of the object that was opened
     * @param keepCache whether pages that the kernel cached for this very inode are still right; they always are here,
     *     since an inode stands for one version
     */
    record OpenReply(long handle, Attributes attributes, boolean keepCache) {}

    /** What {@code statfs} shows. */
    record Totals(long files, long directories, long bytes) {}
}
