package io.hearth.launcher.output;

import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A bar of bytes with rate and time left on a terminal; nothing off it. Thread-safe. */
public final class Progress implements AutoCloseable {
    private final AtomicLong done = new AtomicLong();
    private final Optional<TerminalBar> bar;

    private Progress(Optional<TerminalBar> bar) {
        this.bar = bar;
    }

    public static Progress start(String task, long bytes, PrintStream out) {
        return new Progress(
                onTerminal() ? Optional.of(new TerminalBar(task, bytes, 0, out, System::nanoTime)) : Optional.empty());
    }

    /** bin/hearth looks whether stderr is a terminal; System.console() would look at stdin and stdout. */
    static boolean onTerminal() {
        return Boolean.getBoolean("hearth.terminal");
    }

    public void add(long bytes) {
        done.addAndGet(bytes);
        bar.ifPresent(shown -> shown.stepBy(bytes));
    }

    public long done() {
        return done.get();
    }

    @Override
    public void close() {
        bar.ifPresent(TerminalBar::close);
    }
}
