package io.hearth.launcher.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel's page cache. */
final class PageCache {
    private static final Logger LOG = LoggerFactory.getLogger(PageCache.class);
    private static final Path CONTROL = Path.of("/proc/sys/vm/drop_caches");

    private PageCache() {}

    /** Drops clean pages, where this user may; else nothing happens. Memory tiers on tmpfs are not touched. */
    static void drop() {
        try {
            Files.writeString(CONTROL, "1", StandardOpenOption.WRITE);
        } catch (IOException e) {
            LOG.info("the page cache is not dropped: {}", e.toString());
        }
    }
}
