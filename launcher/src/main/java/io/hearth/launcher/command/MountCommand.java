package io.hearth.launcher.command;

import io.hearth.launcher.process.HearthChild;
import io.hearth.launcher.process.Lifetime;
import io.hearth.launcher.process.MountProcess;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hearth mount}. */
@Command(
        name = "mount",
        mixinStandardHelpOptions = true,
        description = "Mount a dataset read-only at a directory, until SIGTERM, Ctrl-C or 'hearth umount'.")
final class MountCommand implements Callable<Integer> {
    private static final Duration READY_BOUND = Duration.ofMinutes(2);
    private static final int PORT_MAX = 65_535;

    @Spec
    private CommandSpec spec;

    @Mixin
    private MasterOptions master;

    @Parameters(index = "0", paramLabel = "DATASET", description = "The dataset.")
    private String dataset;

    @Parameters(
            index = "1",
            paramLabel = "DIR",
            description = "An empty directory; or /dev/fd/N, where somebody has mounted with descriptor N.")
    private Path directory;

    @Option(
            names = "--refresh",
            paramLabel = "AGE",
            description = "How old a listing this mount takes, such as 2s, or manual (default: the dataset's).")
    private Optional<String> refresh = Optional.empty();

    @Option(
            names = "--admin",
            paramLabel = "PORT",
            description = "Serve metrics and health on this loopback port instead of a Unix socket in HOME/run.")
    private Optional<Integer> adminPort = Optional.empty();

    @Option(names = "--background", description = "Return when the mount is ready and leave it running.")
    private boolean background;

    @Override
    public Integer call() throws Exception {
        DatasetName name = master.dataset(dataset);
        if (adminPort.filter(port -> port < 0 || port > PORT_MAX).isPresent()) {
            throw new HearthException(
                    FailureKind.INVALID, "--admin " + adminPort.get() + " is no port: 0 to " + PORT_MAX);
        }
        Settings settings = master.settings();
        if (background) {
            return inBackground(settings, name);
        }
        Lifetime lifetime = new Lifetime(settings.get(ProcessSettings.class).shutdownTimeout()).endOnSignal();
        MountProcess mount = lifetime.start(
                () -> MountProcess.start(settings, name, directory, refresh, adminPort, lifetime::close));
        System.out.println("mounted " + name + " at " + directory + ": " + mount.summary());
        System.out.flush();
        lifetime.awaitEnd();
        return 0;
    }

    private Integer inBackground(Settings settings, DatasetName name) {
        List<String> arguments =
                new ArrayList<>(spec.commandLine().getParent().getParseResult().originalArgs());
        arguments.removeIf(argument -> argument.startsWith("--background"));
        Path log = MountProcess.log(settings, directory);
        HearthChild child = HearthChild.start(log, true, arguments);
        System.out.println(child.awaitLine(READY_BOUND));
        System.out.println(
                "it runs in the background; end it with: hearth umount " + directory + " (log: " + log + ")");
        return 0;
    }
}
