package io.hearth.launcher.command;

import io.hearth.launcher.quickstart.TreeReader;
import io.hearth.protocol.api.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads every file below a directory: the third process of the quickstart. Its answer is for programs. */
@Command(
        name = "read",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Read every file below a directory; print time, bytes and SHA-256 of each as JSON.")
final class ReadCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DIR", description = "The directory.")
    private Path directory;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Files read at once (default: ${DEFAULT-VALUE}).",
            defaultValue = "2")
    private int threads;

    @Override
    public Integer call() throws Exception {
        System.out.println(
                new String(Json.write(TreeReader.read(directory, threads, System.err)), StandardCharsets.UTF_8));
        return 0;
    }
}
