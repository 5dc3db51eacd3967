package io.hearth.master;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.protocol.ObjectId;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

class ObjectIndexTest {
    private static final int MIB = 1 << 20;

    @Test
    void itKnowsWhatAMapKnows() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        Map<ObjectId, Long> oracle = new HashMap<>();
        ObjectIndex index = new ObjectIndex(5000);
        for (int i = 0; i < 5000; i++) {
            ObjectId id = id(random, i % 3 == 0);
            oracle.putIfAbsent(id, (long) i);
            index.add(id, i);
        }
        assertEquals(oracle.size(), index.count(), "seed " + seed);
        oracle.forEach((id, size) -> assertEquals(size, index.sizeOf(id), "seed " + seed));
        for (int i = 0; i < 1000; i++) {
            assertEquals(-1, index.sizeOf(id(random, false)), "seed " + seed);
        }
    }

    /** Crowded ids share their slot's bits, so that the table must probe. */
    private static ObjectId id(Random random, boolean crowded) {
        byte[] bytes = new byte[ObjectId.BYTES];
        random.nextBytes(bytes);
        if (crowded) {
            bytes[0] = bytes[1] = bytes[2] = bytes[3] = 0;
        }
        return ObjectId.of(bytes);
    }

    @Test
    void residentBytesCountTheShortLastChunkAsItIs() {
        assertEquals(0, ResidencyView.residentBytes(RoaringBitmap.bitmapOf(0), 0));
        assertEquals(1, ResidencyView.residentBytes(RoaringBitmap.bitmapOf(0), 1));
        assertEquals(MIB, ResidencyView.residentBytes(RoaringBitmap.bitmapOf(0), MIB));
        assertEquals(MIB, ResidencyView.residentBytes(RoaringBitmap.bitmapOf(0), MIB + 5));
        assertEquals(5, ResidencyView.residentBytes(RoaringBitmap.bitmapOf(1), MIB + 5));
        assertEquals(MIB + 5, ResidencyView.residentBytes(RoaringBitmap.bitmapOf(0, 1), MIB + 5));
        assertEquals(MIB + 5, ResidencyView.residentBytes(RoaringBitmap.bitmapOf(0, 1, 2, 900), MIB + 5));
    }
}
