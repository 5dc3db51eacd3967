package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.generation.Segment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentCacheTest {
    @TempDir
    Path directory;

    private final TickingClock clock = new TickingClock();

    @Test
    void theLeastRecentlyUsedGoFirstButNeverTheNeeded() {
        SegmentCache cache = new SegmentCache(directory, 250, clock);
        String[] ids = new String[4];
        for (int i = 0; i < ids.length; i++) {
            byte[] bytes = Pattern.bytes(i, 0, 100);
            ids[i] = Segment.idOf(bytes);
            cache.put(ids[i], bytes);
            assertArrayEquals(bytes, cache.get(ids[i]).orElseThrow());
        }
        cache.get(ids[1]);
        cache.trim(Set.of(ids[0]));
        assertTrue(cache.get(ids[0]).isPresent(), "needed");
        assertTrue(cache.get(ids[1]).isPresent(), "used last");
        assertTrue(cache.get(ids[2]).isEmpty());
        assertTrue(cache.get(ids[3]).isEmpty());
    }

    @Test
    void bytesThatAreNotTheSegmentAreNotGiven() {
        SegmentCache cache = new SegmentCache(directory, 250, clock);
        String id = Segment.idOf(Pattern.bytes(1, 0, 10));
        cache.put(id, Pattern.bytes(2, 0, 10));
        assertTrue(cache.get(id).isEmpty());
        assertEquals(0, directory.toFile().list().length);
    }

    private static final class TickingClock extends Clock {
        private long seconds = 1_700_000_000;

        @Override
        public Instant instant() {
            return Instant.ofEpochSecond(seconds++);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
