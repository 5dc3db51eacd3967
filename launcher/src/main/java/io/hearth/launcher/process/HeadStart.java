package io.hearth.launcher.process;

import io.hearth.fuse.Mount;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import org.slf4j.LoggerFactory;

/**
 * Loads what a mount needs whatever its arguments are, beside the thread that reads them: a start is 0.1 s shorter for
 * it where a second core is idle.
 */
public final class HeadStart {
    private HeadStart() {}

    /** Returns at once; the thread ends by itself when all is loaded, and does not keep the process. */
    public static void ofMount() {
        Thread thread = new Thread(HeadStart::load, "hearth-head-start");
        thread.setDaemon(true);
        thread.start();
    }

    private static void load() {
        try {
            Mount.prepare();
            Json.mapper();
        } catch (HearthException e) {
            // The mount meets the same and says it to the user.
            LoggerFactory.getLogger(HeadStart.class).debug("no head start", e);
        }
    }
}
