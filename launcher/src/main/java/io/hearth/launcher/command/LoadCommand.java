package io.hearth.launcher.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hearth load ...}. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = "Make a dataset's files resident before they are wanted, and see how far that is.",
        subcommands = {
            LoadCreateCommand.class,
            LoadListCommand.class,
            LoadDescribeCommand.class,
            LoadWatchCommand.class,
            LoadCancelCommand.class
        })
final class LoadCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a sub-command, such as 'create' or 'list'");
    }
}
