package io.hearth.launcher.output;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar of bytes with rate and time left on a terminal; nothing off it. Thread-safe. */
public final class Progress implements AutoCloseable {
    private static final int TERMINAL_COLUMNS = 100;

    private final AtomicLong done = new AtomicLong();
    private final ProgressBar bar;

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    public static Progress start(String task, long bytes, PrintStream out) {
        // bin/hearth looks whether stderr is a terminal; System.console() would look at stdin and stdout.
        if (!Boolean.getBoolean("hearth.terminal")) {
            return new Progress(null);
        }
        return new Progress(new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(bytes)
                .setUnit("MiB", 1 << 20)
                .showSpeed()
                .setUpdateIntervalMillis((int) Duration.ofMillis(100).toMillis())
                .setStyle(ProgressBarStyle.ASCII)
                .setMaxRenderedLength(TERMINAL_COLUMNS)
                .setConsumer(new ConsoleProgressBarConsumer(out, TERMINAL_COLUMNS))
                .clearDisplayOnFinish()
                .build());
    }

    public void add(long bytes) {
        done.addAndGet(bytes);
        if (bar != null) {
            bar.stepBy(bytes);
        }
    }

    public long done() {
        return done.get();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
