package io.hearth.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.SampleLoad;
import io.hearth.launcher.output.LoadProgress;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class LoadWatchTest {
    private static final LoadStatus RUNNING = SampleLoad.at(LoadPhase.RUNNING, 1, 0);
    private static final LoadStatus COMPLETE = SampleLoad.at(LoadPhase.COMPLETE, SampleLoad.TOTAL, SampleLoad.TOTAL);

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger streams = new AtomicInteger();
    private final List<LoadStatus> shown = new ArrayList<>();

    @Test
    void everyStatusIsShownInOrder() {
        assertEquals(COMPLETE, await(stream -> each -> {
            each.accept(RUNNING);
            each.accept(COMPLETE);
            return CompletableFuture.completedFuture(COMPLETE);
        }));
        assertEquals(List.of(RUNNING, COMPLETE), shown);
    }

    @Test
    void aMasterThatRestartsIsWatchedAnew() {
        assertEquals(COMPLETE, await(stream -> each -> {
            if (stream % 50 != 0) {
                return failed(FailureKind.UNAVAILABLE);
            }
            each.accept(stream < 100 ? RUNNING : COMPLETE);
            return stream < 100 ? failed(FailureKind.TIMEOUT) : CompletableFuture.completedFuture(COMPLETE);
        }));
        assertEquals(101, streams.get(), "twice 49 s of silence are no minute of it");
    }

    @Test
    void aMinuteOfSilenceIsTheEnd() {
        HearthException failure = assertThrows(
                HearthException.class,
                () -> await(stream -> each -> {
                    if (stream == 0) {
                        each.accept(RUNNING);
                    }
                    return failed(FailureKind.UNAVAILABLE);
                }));
        assertEquals(FailureKind.UNAVAILABLE, failure.kind());
        assertEquals(61, streams.get());
    }

    @Test
    void aLoadThatIsGoneIsNotWatchedAgain() {
        HearthException failure =
                assertThrows(HearthException.class, () -> await(stream -> each -> failed(FailureKind.NOT_FOUND)));
        assertEquals(FailureKind.NOT_FOUND, failure.kind());
        assertEquals(1, streams.get());
    }

    @Test
    void aFloodOfStatusesKeepsTheNewest() {
        assertEquals(COMPLETE, await(stream -> each -> {
            for (int i = 0; i < 1000; i++) {
                each.accept(RUNNING);
            }
            each.accept(COMPLETE);
            return CompletableFuture.completedFuture(COMPLETE);
        }));
        assertTrue(shown.size() <= 64, shown.size() + " were kept");
        assertEquals(COMPLETE, shown.get(shown.size() - 1));
    }

    @Test
    void whatIsMissingIsNamedInOneLine() {
        LoadEnd.requireComplete(COMPLETE);
        List<LoadStatus.FailedPath> named = List.of(
                new LoadStatus.FailedPath("/a.bin", "gone from the origin"),
                new LoadStatus.FailedPath("/b.bin", "gone too"));
        assertEquals(
                "load llama-1 failed, /a.bin is missing (gone from the origin) and 6 more: see 'hearth load describe"
                        + " llama-1'",
                line(SampleLoad.failed(7, named, Optional.of("unused"))));
        assertEquals(
                "load llama-1 failed, no worker is up: see 'hearth load describe llama-1'",
                line(SampleLoad.failed(0, List.of(), Optional.of("no worker is up"))));
        assertEquals(
                "load llama-1 was cancelled: see 'hearth load describe llama-1'",
                line(SampleLoad.at(LoadPhase.CANCELLED, 1, 0)));
    }

    private static String line(LoadStatus ended) {
        return assertThrows(HearthException.class, () -> LoadEnd.requireComplete(ended))
                .getMessage();
    }

    private LoadStatus await(Function<Integer, Function<Consumer<LoadStatus>, CompletableFuture<LoadStatus>>> watches) {
        LoadProgress progress = new LoadProgress() {
            @Override
            public void show(LoadStatus status) {
                shown.add(status);
            }

            @Override
            public void close() {}
        };
        Consumer<Duration> pause = time -> nanos.addAndGet(time.toNanos());
        return new LoadWatch(each -> watches.apply(streams.getAndIncrement()).apply(each), nanos::get, pause)
                .await(progress);
    }

    private static CompletableFuture<LoadStatus> failed(FailureKind kind) {
        return CompletableFuture.failedFuture(new HearthException(kind, "broken"));
    }
}
