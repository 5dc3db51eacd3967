package io.hearth.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The read-ahead of a mount, which the kernel holds at 128 KiB unless root says otherwise in sysfs. */
public final class KernelReadAhead {
    private static final Logger LOG = LoggerFactory.getLogger(KernelReadAhead.class);

    private KernelReadAhead() {}

    /** Sets it where this process may; elsewhere reads are right but slower. */
    public static void set(Path directory, long bytes) {
        new MountTable().at(directory).filter(MountTable.Row::hearth).ifPresent(row -> {
            Path file = Path.of("/sys/class/bdi", row.device(), "read_ahead_kb");
            try {
                Files.writeString(file, Long.toString(bytes >> 10));
            } catch (IOException | SecurityException e) {
                LOG.debug("{} stays as it is: {}", file, e.getMessage());
            }
        });
    }
}
