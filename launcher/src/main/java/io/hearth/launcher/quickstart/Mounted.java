package io.hearth.launcher.quickstart;

import io.hearth.launcher.process.AdminClient;
import io.hearth.launcher.process.HearthChild;
import io.hearth.launcher.process.Lifetime;
import io.hearth.launcher.process.MountProcess;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.api.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The mount, in a process of its own, and readings of it by a third process. */
final class Mounted implements AutoCloseable {
    private static final Duration READY_BOUND = Duration.ofMinutes(1);
    private static final Duration READ_BOUND = Duration.ofHours(6);

    private final HearthChild child;
    private final Path socket;
    private final boolean ends;

    private Mounted(HearthChild child, Path socket, boolean ends) {
        this.child = child;
        this.socket = socket;
        this.ends = ends;
    }

    /** @param ends whether {@link #close} ends the mount; else {@code lifetime} does */
    static Mounted start(Stage stage, DatasetName dataset, boolean ends, Lifetime lifetime) {
        List<String> arguments = new ArrayList<>(List.of("mount", "-n", dataset.namespace(), dataset.name()));
        arguments.add(stage.mountPoint().toString());
        arguments.addAll(stage.childFlags());
        HearthChild child = lifetime.start(() -> HearthChild.start(stage.log("mount"), false, arguments));
        Mounted mounted = new Mounted(child, MountProcess.adminSocket(stage.settings(), stage.mountPoint()), ends);
        child.awaitLine(READY_BOUND);
        return mounted;
    }

    /** Lets a third process read every file below the mount. */
    TreeReader.Result read(Stage stage, Lifetime lifetime) {
        // Ended before the mount is: it holds files open there.
        HearthChild reader = lifetime.start(() -> HearthChild.startWithBar(
                stage.log("read"), List.of("read", stage.mountPoint().toString())));
        try (reader) {
            String json = reader.awaitLine(READ_BOUND);
            reader.awaitSuccess(READY_BOUND);
            return Json.read(json, TreeReader.Result.class);
        }
    }

    /** Bytes that the mount itself fetched from the origin, past the worker. */
    long originBytes() {
        return AdminClient.counter(socket, "hearth_origin_read_bytes_total");
    }

    @Override
    public void close() {
        if (ends) {
            child.close();
        }
    }
}
