package io.hearth.launcher.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root: only its sub-commands do something. */
@Command(
        name = "hearth",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        description = "A distributed data cache that makes models and datasets load as if they were local.",
        subcommands = {
            QuickstartCommand.class,
            MasterCommand.class,
            WorkerCommand.class,
            MountCommand.class,
            UmountCommand.class,
            DatasetCommand.class,
            LoadCommand.class,
            WhereCommand.class,
            EvictCommand.class,
            DoctorCommand.class,
            ReadCommand.class,
            HelpCommand.class
        })
public final class HearthCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command, such as 'quickstart' or 'dataset list'");
    }
}
