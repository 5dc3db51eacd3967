package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code console} blocks of a page: lines that start with {@code $} are commands, the lines below them what they
 * say. In expected lines {@code ...} stands for anything, any number for any number, any run of blanks for any other.
 */
final class DocScript {
    private static final String MARK = "@@command-ended@@";
    private static final Pattern NUMBER = Pattern.compile("\\d[\\d.]*(B|KiB|MiB|GiB|%|s)?");
    private static final Pattern TOKEN =
            Pattern.compile("\\.\\.\\.|\\s+|\\d[\\d.]*(B|KiB|MiB|GiB|%|s)?(?!\\S)|[^\\s.]+|\\.");

    private record Command(String line, List<String> expected) {}

    private final List<List<Command>> blocks = new ArrayList<>();

    static DocScript read(Path page) throws IOException {
        DocScript script = new DocScript();
        List<Command> block = null;
        for (String line : Files.readAllLines(page)) {
            if (line.equals("```console")) {
                block = new ArrayList<>();
                script.blocks.add(block);
            } else if (line.startsWith("```")) {
                block = null;
            } else if (block != null && line.startsWith("$ ")) {
                block.add(new Command(line.substring(2), new ArrayList<>()));
            } else if (block != null) {
                block.get(block.size() - 1).expected().add(line);
            }
        }
        assertTrue(!script.blocks.isEmpty(), page + " has no console block");
        return script;
    }

    /**
     * Runs every block, each in one shell, and compares.
     *
     * @param preamble what each shell runs first
     * @param edit adapts a command to the machine of the test
     * @param back turns what the machine of the test says into the page's words
     */
    void run(Shell shell, String preamble, UnaryOperator<String> edit, UnaryOperator<String> back) {
        for (List<Command> block : blocks) {
            StringBuilder bash = new StringBuilder("exec 2>&1\n" + preamble + "\n");
            for (Command command : block) {
                bash.append(edit.apply(command.line()))
                        .append("\nprintf '\\n")
                        .append(MARK)
                        .append("\\n'\n");
            }
            String[] said = shell.bash(bash.toString()).out().split("\n" + MARK + "\n", -1);
            for (int i = 0; i < block.size(); i++) {
                compare(block.get(i), back.apply(i < said.length ? said[i] : "nothing: the shell ended before"));
            }
        }
    }

    private static void compare(Command command, String said) {
        StringBuilder pattern = new StringBuilder();
        for (String line : command.expected()) {
            pattern.append(pattern.length() == 0 ? "" : "\n").append(pattern(line));
        }
        String got = said.lines()
                .map(String::stripTrailing)
                .reduce((a, b) -> a + "\n" + b)
                .orElse("");
        if (!Pattern.compile(pattern.toString()).matcher(got).matches()) {
            fail("$ " + command.line() + "\nshould say\n" + String.join("\n", command.expected()) + "\nbut says\n"
                    + got);
        }
    }

    private static String pattern(String expected) {
        StringBuilder pattern = new StringBuilder();
        Matcher tokens = TOKEN.matcher(expected.stripTrailing());
        while (tokens.find()) {
            String token = tokens.group();
            if (token.equals("...")) {
                pattern.append(".*");
            } else if (token.isBlank()) {
                pattern.append("\\s+");
            } else if (NUMBER.matcher(token).matches()) {
                pattern.append("\\d[\\d.]*(B|KiB|MiB|GiB|%|s)?");
            } else {
                pattern.append(Pattern.quote(token));
            }
        }
        return pattern.toString().replace("\\s+.*\\s+", ".*");
    }
}
