package io.hearth.worker.lend;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How busy the busiest GPU is, by {@code nvidia-smi}, asked on a thread of its own every few seconds. A program that is
 * not there is asked for once; one that does not answer is killed, and nobody waits for it but that thread.
 */
final class GpuLoad implements BusySignal, AutoCloseable {
    static final List<String> COMMAND = List.of("nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader");

    private static final Logger LOG = LoggerFactory.getLogger(GpuLoad.class);
    /** A driver without persistence mode takes seconds to wake. */
    private static final int ANSWER_SECONDS_MAX = 10;
    /** Of an answer: 16 GPUs write 96 bytes. */
    private static final int ANSWER_BYTES_MAX = 4096;

    private static final int CLOSE_SECONDS_MAX = 2;
    private static final Pattern LINE = Pattern.compile("(?m)^\\s*([0-9]{1,3}) %\\s*$");

    private final List<String> command;
    private final int percentMin;
    private final ScheduledExecutorService thread;
    private volatile OptionalInt percent = OptionalInt.empty();

    GpuLoad(List<String> command, Duration interval, int percentMin) {
        this.command = command;
        this.percentMin = percentMin;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "hearth-lend-gpu");
            made.setDaemon(true);
            return made;
        });
        thread.scheduleWithFixedDelay(this::ask, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The largest of the answer's percentages; a GPU that cannot tell says so in words and does not count. */
    static OptionalInt busiest(String answer) {
        return LINE.matcher(answer)
                .results()
                .map(line -> line.group(1))
                .mapToInt(Integer::parseInt)
                .max();
    }

    private void ask() {
        try {
            Process asked = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
            percent = answer(asked);
        } catch (IOException e) {
            LOG.info("GPUs do not count as work of this node: {} cannot be run", command.get(0));
            thread.shutdown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static OptionalInt answer(Process asked) throws IOException, InterruptedException {
        try {
            if (!asked.waitFor(ANSWER_SECONDS_MAX, TimeUnit.SECONDS) || asked.exitValue() != 0) {
                return OptionalInt.empty();
            }
            byte[] bytes = asked.getInputStream().readNBytes(ANSWER_BYTES_MAX);
            return busiest(new String(bytes, StandardCharsets.US_ASCII));
        } finally {
            asked.destroyForcibly();
        }
    }

    OptionalInt percent() {
        return percent;
    }

    @Override
    public Optional<String> busy(long nowMs) {
        OptionalInt now = percent;
        return now.isPresent() && now.getAsInt() >= percentMin
                ? Optional.of("a GPU works " + now.getAsInt() + " % of the time")
                : Optional.empty();
    }

    /** Within two seconds; a program that runs is killed. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            thread.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
