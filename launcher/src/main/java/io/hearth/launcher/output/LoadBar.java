package io.hearth.launcher.output;

import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadStatus;
import java.io.PrintStream;
import java.util.Optional;
import java.util.function.LongSupplier;

/** A bar for each phase of a load, the next in place of the one before; its name is the phase. */
final class LoadBar implements LoadProgress {
    private final PrintStream out;
    private final LongSupplier nanoTime;
    private Optional<TerminalBar> bar = Optional.empty();
    private LoadPhase shown = LoadPhase.COMPLETE;

    LoadBar(PrintStream out, LongSupplier nanoTime) {
        this.out = out;
        this.nanoTime = nanoTime;
    }

    @Override
    public void show(LoadStatus status) {
        if (status.phase().ended()) {
            close();
            return;
        }
        long total = status.bytes().total();
        long done = status.phase() == LoadPhase.VERIFYING
                ? status.bytes().verified()
                : status.bytes().resident();
        if (bar.isEmpty() || shown != status.phase()) {
            close();
            shown = status.phase();
            // What was there before is no part of the rate.
            bar = Optional.of(new TerminalBar(LoadLines.doing(shown), total, done, out, nanoTime));
        }
        bar.get().stepTo(done, total, shown == LoadPhase.RUNNING ? status.bytesPerSecond() : 0);
    }

    @Override
    public void close() {
        bar.ifPresent(TerminalBar::close);
        bar = Optional.empty();
    }
}
