package io.hearth.fuse;

import io.hearth.protocol.HearthException;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a mount a question from a child process, for the serving process must not. */
public final class MountProbe {
    private static final Logger LOG = LoggerFactory.getLogger(MountProbe.class);

    private MountProbe() {}

    /**
     * Looks {@code path} up; the answer does not matter, only that the question reaches the file system.
     *
     * @return whether it could be asked at all
     */
    public static boolean ask(Path path, Duration bound) {
        try {
            ChildProcess.run(bound, "stat", path.toString());
            return true;
        } catch (HearthException e) {
            LOG.warn("cannot probe the mount: {}", e.getMessage());
            return false;
        }
    }
}
