package io.hearth.worker.tier;

import java.nio.file.Path;

/** How much room a directory's file system has. Thread-safe; takes microseconds. */
public interface FreeSpace {
    /** Bytes that an ordinary user may still write. */
    long freeBytes(Path directory);

    /** Size of the file system; 0 where it is not known. */
    long totalBytes(Path directory);

    /** Asks statvfs, which a chroot answers too; {@code java.nio}'s FileStore wants the mount point in /proc/mounts. */
    FreeSpace OF_FILE_SYSTEM = new FreeSpace() {
        @Override
        public long freeBytes(Path directory) {
            return directory.toFile().getUsableSpace();
        }

        @Override
        public long totalBytes(Path directory) {
            return directory.toFile().getTotalSpace();
        }
    };
}
