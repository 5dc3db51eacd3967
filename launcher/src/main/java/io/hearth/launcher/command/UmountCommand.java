package io.hearth.launcher.command;

import io.hearth.fuse.Unmounter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hearth umount}. */
@Command(name = "umount", mixinStandardHelpOptions = true, description = "Unmount a directory that Hearth serves.")
final class UmountCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DIR", description = "The mount point.")
    private Path directory;

    @Override
    public Integer call() {
        Unmounter.unmount(directory);
        System.out.println("unmounted " + directory);
        return 0;
    }
}
