package io.hearth.launcher.command;

import io.hearth.launcher.output.Format;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** {@code -o table|json|yaml}. */
final class OutputOption {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            description = "table, json or yaml (default: ${DEFAULT-VALUE}).",
            defaultValue = "table")
    private Format format;

    Format format() {
        return format;
    }

    void print(Object document, Supplier<String> table) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.print(format.text(document, table));
        out.flush();
    }
}
