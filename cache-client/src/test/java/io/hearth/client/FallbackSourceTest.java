package io.hearth.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.client.MemoryOrigin.Fetch;
import io.hearth.objectstore.engine.Claim;
import io.hearth.objectstore.engine.Urgency;
import io.hearth.protocol.FailureKind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FallbackSourceTest {
    private static final int MIB = 1 << 20;
    private static final TestObject OBJECT = TestObject.random("a.bin", 4 * MIB);

    private final MemoryOrigin first = new MemoryOrigin(OBJECT);
    private final MemoryOrigin second = new MemoryOrigin(OBJECT);
    private final FallbackSource both = new FallbackSource(first, second, new ClientMetrics(new SimpleMeterRegistry()));
    private final byte[] got = new byte[4 * MIB];

    @AfterEach
    void stop() {
        first.close();
        second.close();
    }

    @Test
    void whatTheFirstGaveNothingOfComesFromTheSecondInPieces() throws Exception {
        second.splitInto(MIB);
        first.refuseNext(FailureKind.UNAVAILABLE);
        fetch(4 * MIB);
        assertArrayEquals(OBJECT.bytes(), got);
        assertEquals(4, second.fetches().size());
    }

    @Test
    void whatTheFirstBrokeOffGoesOnAtItsNextByteInOne() throws Exception {
        first.failNext(FailureKind.UNAVAILABLE);
        second.splitInto(MIB);
        fetch(4 * MIB);
        assertArrayEquals(OBJECT.bytes(), got);
        assertEquals(List.of(new Fetch(OBJECT.ref(), 2L * MIB, 2 * MIB)), second.fetches());
    }

    private void fetch(int length) throws Exception {
        both.fetchPieces(TestObject.CONTEXT, OBJECT.ref(), 0, length, new Claim(Urgency.DEMAND), (offset, count) -> {
                    int[] at = {(int) offset};
                    return bytes -> {
                        int part = bytes.remaining();
                        bytes.get(got, at[0], part);
                        at[0] += part;
                        return CompletableFuture.completedFuture(null);
                    };
                })
                .get(10, TimeUnit.SECONDS);
    }
}
