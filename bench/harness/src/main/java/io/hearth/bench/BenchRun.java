package io.hearth.bench;

import io.hearth.bench.process.Owned;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a running bench has: its options, a place for files, who ends what it starts, and where its answers go. */
public final class BenchRun {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final String bench;
    private final BenchOptions options;
    private final Path root;
    private final Owned owned;
    private final Figures figures;
    private final PrintStream progress;

    BenchRun(String bench, BenchOptions options, Path root, Owned owned, Figures figures, PrintStream progress) {
        this.bench = bench;
        this.options = options;
        this.root = root;
        this.owned = owned;
        this.figures = figures;
        this.progress = progress;
    }

    public BenchOptions options() {
        return options;
    }

    /** The source tree; {@code bin/hearth} is below it. */
    public Path root() {
        return root;
    }

    /** Ends what it is given, last first, when the bench ends or is told to end. */
    public Owned owned() {
        return owned;
    }

    /** A new directory on disk, removed at the end. */
    public Path newDirectory(String name) throws IOException {
        return owned.ownDirectory(Files.createTempDirectory("hearth-bench-" + name + "-"));
    }

    /** A new directory whose files stay in memory when the page cache is dropped, where this machine has one. */
    public Path newMemoryDirectory(String name, long bytes) throws IOException {
        boolean room = Files.isWritable(SHARED_MEMORY) && SHARED_MEMORY.toFile().getUsableSpace() > 2 * bytes;
        return room
                ? owned.ownDirectory(Files.createTempDirectory(SHARED_MEMORY, "hearth-bench-" + name + "-"))
                : newDirectory(name);
    }

    /** One line for who waits. */
    public void say(String line) {
        progress.println("bench: " + line);
    }

    /** A line of the answer. */
    public void figure(String caseName, String system, String metric, double value, String unit) {
        figures.add(new Figure(bench, caseName, system, metric, value, unit));
    }
}
