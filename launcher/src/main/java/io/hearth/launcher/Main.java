package io.hearth.launcher;

import io.hearth.launcher.command.HearthCommand;
import io.hearth.launcher.process.HeadStart;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Entry point of every process. Exit status: 0 done, 1 failed, 2 wrong usage; a failure is one line on stderr. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        // Two threads may be the first to log: SLF4J would say so on stderr, where a user looks for one line.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        List<String> words = List.of(arguments);
        // With --background it is a child that mounts.
        if (words.indexOf("mount") == 0 && !words.contains("--background")) {
            HeadStart.ofMount(words);
        }
        System.exit(run(arguments));
    }

    /** Runs one command in this JVM. */
    public static int run(String... arguments) {
        CommandLine line = HearthCommand.line(arguments);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((failure, given) -> usage(failure));
        line.setExecutionExceptionHandler((failure, command, parsed) -> failed(command.getErr(), failure));
        return line.execute(arguments);
    }

    private static int usage(ParameterException failure) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        failure.getCommandLine()
                .getErr()
                .println("hearth: " + oneLine(failure.getMessage()) + "; see '" + command + " --help'");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(PrintWriter err, Exception failure) {
        HearthException ours = HearthException.of(failure);
        err.println("hearth: " + oneLine(ours.getMessage()));
        if (System.getenv("HEARTH_LOG") != null && System.getenv("HEARTH_LOG").equalsIgnoreCase("debug")) {
            failure.printStackTrace(err);
        }
        return ours.kind() == FailureKind.INVALID ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    private static String oneLine(String message) {
        return String.valueOf(message).replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
