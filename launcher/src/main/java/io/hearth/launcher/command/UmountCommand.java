package io.hearth.launcher.command;

import io.hearth.fuse.MountSettings;
import io.hearth.fuse.Unmounter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth umount}. */
@Command(name = "umount", mixinStandardHelpOptions = true, description = "Unmount a directory that Hearth serves.")
final class UmountCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DIR", description = "The mount point.")
    private Path directory;

    @Option(names = "--force", description = "Cut off programs that hold files open; they get an error.")
    private boolean force;

    @Mixin
    private SettingsOptions options;

    @Override
    public Integer call() {
        MountSettings settings = options.load().get(MountSettings.class);
        new Unmounter(settings.busyGrace(), settings.unmountTimeout()).unmount(directory, force);
        System.out.println("unmounted " + directory);
        return 0;
    }
}
