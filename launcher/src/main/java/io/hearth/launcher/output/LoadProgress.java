package io.hearth.launcher.output;

import io.hearth.protocol.api.LoadStatus;
import java.io.PrintStream;
import java.util.function.LongSupplier;

/** How a load goes on, for the person who waits. Used by one thread. */
public interface LoadProgress extends AutoCloseable {
    /** Shows the load as it stands; called about ten times a second, changed or not. */
    void show(LoadStatus status);

    @Override
    void close();

    /** A bar where {@code err} is a terminal, else lines. */
    static LoadProgress of(PrintStream err, LongSupplier nanoTime) {
        return Progress.onTerminal() ? new LoadBar(err, nanoTime) : new LoadLines(err, nanoTime);
    }

    /** A bar where {@code err} is a terminal, else nothing. */
    static LoadProgress barOnly(PrintStream err) {
        return Progress.onTerminal() ? new LoadBar(err, System::nanoTime) : new Quiet();
    }

    /** Shows nothing. */
    record Quiet() implements LoadProgress {
        @Override
        public void show(LoadStatus status) {}

        @Override
        public void close() {}
    }
}
