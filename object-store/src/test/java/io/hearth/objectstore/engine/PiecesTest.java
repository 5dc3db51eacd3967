package io.hearth.objectstore.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.Validator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Pieces that a test ends by hand. */
class PiecesTest {
    private static final int BLOCK_BYTES = 8 << 20;
    private static final Validator VALIDATOR = new Validator.StrongEtag("\"one\"");
    private static final OriginSpec ORIGIN = new OriginSpec("b", "", Optional.empty(), Optional.empty(), true);

    private final VirtualTime time = new VirtualTime();
    private final RangeFetch ranges = new RangeFetch(
            OriginSettings.defaults(), new OriginMetrics(new SimpleMeterRegistry()), new Random(1), time, time::nanos);
    private final List<CompletableFuture<Void>> started = new ArrayList<>();

    private CompletableFuture<Void> fetch(PieceStart start) {
        OriginLane lane = ranges.lane(ORIGIN, "dataset", "key", new Claim(Urgency.DEMAND));
        return ranges.inPieces(lane, VALIDATOR, BLOCK_BYTES, 0, BLOCK_BYTES, start);
    }

    private CompletableFuture<Void> begin() {
        started.add(new CompletableFuture<>());
        return started.get(started.size() - 1);
    }

    @Test
    void aPieceThatIsStillBeingStartedIsWaitedFor() {
        CompletableFuture<Void> all = fetch((turn, offset, length) -> {
            started.forEach(before -> before.complete(null));
            return begin();
        });
        assertTrue(started.size() > 1, "a block of an unknown store is one piece: " + started.size());
        assertFalse(all.isDone(), "the last piece has not ended");
        started.get(started.size() - 1).complete(null);
        assertTrue(all.isDone());
    }

    @Test
    void aPieceThatFailsEndsTheOthers() {
        CompletableFuture<Void> all = fetch((turn, offset, length) -> begin());
        int pieces = started.size();
        started.get(0).completeExceptionally(new IllegalStateException("broken"));
        assertTrue(all.isCompletedExceptionally());
        assertEquals(
                pieces - 1,
                started.stream().skip(1).filter(CompletableFuture::isCancelled).count());
    }
}
