package io.hearth.launcher.output;

import io.hearth.protocol.settings.DataSize;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import me.tongfei.progressbar.ProgressState;

/**
 * A bar of bytes with rate and time left on the terminal's last line, which is empty again at the end. The library
 * counts whole seconds, which says nothing of a load that takes two, so the rate is reckoned here. Thread-safe.
 */
final class TerminalBar implements AutoCloseable {
    /** One less than terminals begin with: a line that is wider wraps, and each drawing of it would stay. */
    private static final int COLUMNS = 79;

    private static final int RATE_COLUMNS = 13;
    private static final int DRAW_MS = (int) Duration.ofMillis(100).toMillis();

    private final Line line;
    private final ProgressBar bar;
    private final long from;
    private final LongSupplier nanoTime;
    private final long start;
    private volatile long toldBytesPerSecond;

    /** @param from bytes that were done before, which count for no rate */
    TerminalBar(String task, long bytes, long from, PrintStream out, LongSupplier nanoTime) {
        this.line = new Line(out);
        this.from = from;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(bytes)
                .setUnit("MiB", 1 << 20)
                .startsFrom(from, Duration.ZERO)
                .setEtaFunction(this::timeLeft)
                .setUpdateIntervalMillis(DRAW_MS)
                .continuousUpdate()
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(line)
                .build();
    }

    void stepBy(long bytes) {
        bar.stepBy(bytes);
    }

    /** @param bytesPerSecond as somebody told who knows better; 0: reckoned from the steps */
    void stepTo(long bytes, long ofBytes, long bytesPerSecond) {
        toldBytesPerSecond = bytesPerSecond;
        bar.maxHint(ofBytes).stepTo(bytes);
    }

    private long bytesPerSecond(long current) {
        long told = toldBytesPerSecond;
        long nanos = nanoTime.getAsLong() - start;
        return told > 0 || nanos <= 0 ? told : (long) (Math.max(0, current - from) * 1e9 / nanos);
    }

    private Optional<Duration> timeLeft(ProgressState state) {
        long rate = bytesPerSecond(state.getCurrent());
        line.rate = rate;
        return rate == 0
                ? Optional.empty()
                : Optional.of(Duration.ofSeconds(Math.max(0, state.getMax() - state.getCurrent()) / rate));
    }

    @Override
    public void close() {
        bar.close();
        line.clear();
    }

    /**
     * What the bar draws on. The library's own ends with a line feed even where it cleared the line, and leaves a bar
     * that was closed before it was first drawn.
     */
    private static final class Line implements ProgressBarConsumer {
        private final PrintStream out;
        private volatile long rate;

        Line(PrintStream out) {
            this.out = out;
        }

        @Override
        public int getMaxRenderedLength() {
            return COLUMNS - RATE_COLUMNS;
        }

        @Override
        public void accept(String drawn) {
            String speed = rate == 0 ? "" : DataSize.format(rate) + "/s";
            out.print("\r" + drawn.stripTrailing() + String.format("%" + RATE_COLUMNS + "s", speed));
            out.flush();
        }

        @Override
        public void clear() {
            out.print("\r" + " ".repeat(COLUMNS) + "\r");
            out.flush();
        }

        @Override
        public void close() {}
    }
}
