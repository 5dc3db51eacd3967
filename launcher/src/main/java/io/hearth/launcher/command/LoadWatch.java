package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.launcher.output.LoadProgress;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.LoadStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Follows a load until its phase has ended, past masters that restart: a broken stream is watched anew about every
 * second until no master has been heard of for a minute.
 */
public final class LoadWatch {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration SILENCE_MAX = Duration.ofSeconds(60);
    private static final long SHOW_MS = 100;
    /** A master tells a few a second; of more than these, the oldest are passed over. */
    private static final int STATUSES_MAX = 64;

    private final Function<Consumer<LoadStatus>, CompletableFuture<LoadStatus>> watch;
    private final LongSupplier nanoTime;
    private final Consumer<Duration> pause;
    private final BlockingDeque<LoadStatus> heard = new LinkedBlockingDeque<>(STATUSES_MAX);

    /**
     * @param watch opens one stream of statuses, as {@link MasterApi#watchLoad}
     * @param pause waits that long
     */
    LoadWatch(
            Function<Consumer<LoadStatus>, CompletableFuture<LoadStatus>> watch,
            LongSupplier nanoTime,
            Consumer<Duration> pause) {
        this.watch = watch;
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    public static LoadWatch of(MasterApi api, LoadStatus load) {
        DatasetName dataset = NamedLoad.dataset(load);
        return new LoadWatch(each -> api.watchLoad(dataset, load.name(), each), System::nanoTime, LoadWatch::pause);
    }

    /** The load when its phase has ended, whichever that is. Blocks; shows how it stands about ten times a second. */
    public LoadStatus await(LoadProgress progress) {
        OptionalLong brokenAt = OptionalLong.empty();
        while (true) {
            CompletableFuture<LoadStatus> stream = watch.apply(this::keep);
            boolean any = showAll(stream, progress);
            try {
                return stream.join();
            } catch (RuntimeException e) {
                HearthException broken = HearthException.of(e);
                long now = nanoTime.getAsLong();
                brokenAt = any || brokenAt.isEmpty() ? OptionalLong.of(now) : brokenAt;
                if (!passing(broken) || now - brokenAt.getAsLong() >= SILENCE_MAX.toNanos()) {
                    throw broken;
                }
                pause.accept(PAUSE);
            }
        }
    }

    private void keep(LoadStatus status) {
        while (!heard.offerLast(status)) {
            heard.pollFirst();
        }
    }

    /** Shows what the stream tells until it has ended; whether it told anything. */
    private boolean showAll(CompletableFuture<LoadStatus> stream, LoadProgress progress) {
        Optional<LoadStatus> last = Optional.empty();
        while (true) {
            boolean done = stream.isDone();
            Optional<LoadStatus> next = next(done ? 0 : SHOW_MS);
            if (done && next.isEmpty()) {
                return last.isPresent();
            }
            last = next.isPresent() ? next : last;
            last.ifPresent(progress::show);
        }
    }

    private Optional<LoadStatus> next(long waitMs) {
        try {
            return Optional.ofNullable(heard.pollFirst(waitMs, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.UNAVAILABLE, "the wait for the load was interrupted", e);
        }
    }

    private static boolean passing(HearthException failure) {
        return switch (failure.kind()) {
            case UNAVAILABLE, TIMEOUT, OVERLOADED -> true;
            default -> false;
        };
    }

    private static void pause(Duration time) {
        CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS))
                .join();
    }
}
