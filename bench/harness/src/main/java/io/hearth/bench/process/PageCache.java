package io.hearth.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The kernel's page cache. */
public final class PageCache {
    private static final Path CONTROL = Path.of("/proc/sys/vm/drop_caches");

    private PageCache() {}

    /**
     * Drops clean pages. Files on tmpfs are not touched.
     *
     * @return whether this user may
     */
    public static boolean drop() {
        try {
            Files.writeString(CONTROL, "1", StandardOpenOption.WRITE);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
