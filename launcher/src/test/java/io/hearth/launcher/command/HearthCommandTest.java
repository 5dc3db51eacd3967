package io.hearth.launcher.command;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

class HearthCommandTest {
    private static final Map<Class<?>, String> EXAMPLES =
            Map.of(int.class, "1", Integer.class, "1", URI.class, "http://x", Path.class, "/x", String.class, "a=b");

    @Test
    void everyOptionThatTheHelpShowsIsTaken() {
        List<String> tried = new ArrayList<>();
        tryOptions(HearthCommand.line(), List.of(), tried);
        assertTrue(tried.contains("--admin"), () -> "tried only " + tried);
    }

    @Test
    void theCommandThatIsNamedIsTheOnlyOneRead() {
        assertEquals(
                Set.of("load"),
                HearthCommand.line("-V", "load", "list").getSubcommands().keySet());
        for (List<String> words :
                List.of(List.<String>of(), List.of("--help"), List.of("help", "load"), List.of("laod"))) {
            int known = HearthCommand.line(words.toArray(String[]::new))
                    .getSubcommands()
                    .size();
            assertTrue(known > 10, () -> words + " knows " + known);
        }
    }

    private static void tryOptions(CommandLine line, List<String> path, List<String> tried) {
        CommandSpec spec = line.getCommandSpec();
        for (OptionSpec option : spec.options()) {
            if (option.usageHelp() || option.versionHelp()) {
                continue;
            }
            List<String> arguments = new ArrayList<>(path);
            arguments.add(option.longestName());
            example(option).ifPresent(arguments::add);
            spec.positionalParameters().forEach(parameter -> arguments.add("x"));
            String[] words = arguments.toArray(String[]::new);
            assertDoesNotThrow(() -> HearthCommand.line(words).parseArgs(words), arguments::toString);
            tried.add(option.longestName());
        }
        line.getSubcommands().forEach((name, command) -> {
            List<String> below = new ArrayList<>(path);
            below.add(name);
            tryOptions(command, below, tried);
        });
    }

    private static Optional<String> example(ArgSpec option) {
        if (option.arity().max() == 0) {
            return Optional.empty();
        }
        List<Class<?>> types = List.of(option.auxiliaryTypes());
        Class<?> type = types.get(types.size() - 1);
        return Optional.of(type.isEnum() ? type.getEnumConstants()[0].toString() : EXAMPLES.getOrDefault(type, "1"));
    }
}
