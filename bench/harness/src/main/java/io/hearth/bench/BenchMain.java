package io.hearth.bench;

import io.hearth.bench.process.Owned;
import io.hearth.protocol.HearthException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Entry point of {@code bench/run}. Exit status: 0 measured, 1 could not measure, 2 wrong usage. */
public final class BenchMain {
    private static final String USAGE = "usage: bench/run NAME [--quick] [--peers]";
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private BenchMain() {}

    public static void main(String[] arguments) {
        // Figures alone go to stdout: what a library prints there goes to stderr.
        PrintStream out = System.out;
        System.setOut(System.err);
        Path root = Path.of(System.getProperty("hearth.root", "."));
        System.exit(run(List.of(arguments), root, Boolean.getBoolean("hearth.bench.table"), out, System.err));
    }

    /** Runs one bench in this JVM. */
    static int run(List<String> arguments, Path root, boolean table, PrintStream out, PrintStream err) {
        List<String> names = new ArrayList<>(arguments);
        BenchOptions options = new BenchOptions(names.removeIf("--quick"::equals), names.removeIf("--peers"::equals));
        if (names.isEmpty()) {
            Benches.all().forEach(bench -> out.printf("%-16s %s%n", bench.name(), bench.summary()));
            return 0;
        }
        Optional<Bench> bench = Benches.named(names.get(0));
        if (bench.isEmpty() || names.size() > 1) {
            String wrong = names.get(names.size() - 1);
            err.println("bench: there is no bench or option '" + wrong + "'; bench/run lists the benches; " + USAGE);
            return WRONG_USAGE;
        }
        Figures figures = new Figures(out, table);
        try (Owned owned = Owned.untilSignal()) {
            bench.get().measure(new BenchRun(bench.get().name(), options, root, owned, figures, err));
        } catch (Exception e) {
            err.println("bench: " + names.get(0) + " could not measure: " + oneLine(HearthException.of(e)));
            if (System.getenv("HEARTH_LOG") != null) {
                e.printStackTrace(err);
            }
            return FAILED;
        }
        figures.end();
        return 0;
    }

    private static String oneLine(Exception failure) {
        return String.valueOf(failure.getMessage()).replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
