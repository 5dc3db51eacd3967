package io.hearth.client.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BackingIdTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final int EPERM = 1;
    private static final int ENOMEM = 12;

    private final Queue<CompletableFuture<Integer>> answers = new ArrayDeque<>();
    private final BackingId id = new BackingId(device -> answers.remove());

    private int await() {
        return id.await(() -> 3, BOUND);
    }

    @Test
    void anIdIsAskedForOnceAndShared() {
        answers.add(CompletableFuture.completedFuture(7));
        assertEquals(7, await());
        assertEquals(7, await());
        assertEquals(Optional.of(7), id.known());
    }

    @Test
    void whatIsRefusedNowIsAskedForAgain() {
        for (int errno : List.of(ENOMEM, EPERM)) {
            answers.add(CompletableFuture.completedFuture(-errno));
            assertEquals(-errno, await());
            assertEquals(Optional.empty(), id.known());
        }
        answers.add(CompletableFuture.failedFuture(new HearthException(FailureKind.OVERLOADED, "full")));
        assertEquals(-BackingId.EAGAIN, await());
        answers.add(CompletableFuture.completedFuture(7));
        assertEquals(7, await());
    }

    @Test
    void anAnswerThatDoesNotComeIsWaitedForByTheNextAsWell() {
        CompletableFuture<Integer> late = new CompletableFuture<>();
        answers.add(late);
        assertEquals(-BackingId.EAGAIN, id.await(() -> 3, Duration.ofMillis(1)));
        late.complete(7);
        assertEquals(7, await());
    }
}
