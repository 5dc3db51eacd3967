package io.hearth.launcher.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hearth dataset ...}. */
@Command(
        name = "dataset",
        mixinStandardHelpOptions = true,
        description = "Declare, check and inspect datasets.",
        subcommands = {
            DatasetCreateCommand.class,
            DatasetCheckCommand.class,
            DatasetListCommand.class,
            DatasetDescribeCommand.class,
            DatasetUpdateCommand.class,
            DatasetRefreshCommand.class,
            DatasetDeleteCommand.class
        })
final class DatasetCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a sub-command, such as 'create' or 'list'");
    }
}
