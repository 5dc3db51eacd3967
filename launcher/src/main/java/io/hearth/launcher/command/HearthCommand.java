package io.hearth.launcher.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
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
        description = "A distributed data cache that makes models and datasets load as if they were local.")
public final class HearthCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    private HearthCommand() {}

    /**
     * The command line that understands these words. Where the first of them names a sub-command, the others are left
     * out: reading what each of them takes costs every start 0.2 s of processor time.
     */
    public static CommandLine line(String... words) {
        Map<String, Class<?>> all = subcommands();
        CommandLine line = new CommandLine(new HearthCommand());
        named(all, words)
                .ifPresentOrElse(line::addSubcommand, () -> all.values().forEach(line::addSubcommand));
        return line;
    }

    private static Optional<Class<?>> named(Map<String, Class<?>> all, String... words) {
        return Stream.of(words)
                .filter(word -> !word.startsWith("-"))
                .findFirst()
                .filter(word -> !word.equals("help"))
                .map(all::get);
    }

    private static Map<String, Class<?>> subcommands() {
        Map<String, Class<?>> byName = new LinkedHashMap<>();
        List.of(
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
                        HelpCommand.class)
                .forEach(type -> byName.put(type.getAnnotation(Command.class).name(), type));
        return byName;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command, such as 'quickstart' or 'dataset list'");
    }
}
