package io.hearth.worker.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseBookTest {
    @TempDir
    Path directory;

    @Test
    void whatIsWrittenIsReadInTheNextLifeUntilItIsRemoved() {
        LeaseBook book = new LeaseBook(directory);
        LeaseBook.Entry entry = new LeaseBook.Entry(3, ids(5));
        book.write("load-1.a", entry);
        book.write("empty", new LeaseBook.Entry(4, List.of()));
        book.write("load-1.a", entry);
        assertEquals(
                Map.of("load-1.a", entry, "empty", new LeaseBook.Entry(4, List.of())), new LeaseBook(directory).read());
        book.remove("load-1.a");
        book.remove("never-there");
        assertEquals(1, new LeaseBook(directory).read().size());
    }

    @Test
    void aFileThatACrashCutOrThatRottedIsRemovedAndAnotherFormatIsLeftAlone() throws IOException {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        Random random = new Random(seed);
        LeaseBook book = new LeaseBook(directory);
        for (int round = 0; round < 40; round++) {
            LeaseBook.Entry entry = new LeaseBook.Entry(round, ids(random.nextInt(4)));
            book.write("whole", entry);
            book.write("hurt", entry);
            Path hurt = directory.resolve("hurt.leases");
            byte[] bytes = Files.readAllBytes(hurt);
            int at = random.nextInt(bytes.length);
            boolean cut = random.nextBoolean();
            if (cut) {
                bytes = java.util.Arrays.copyOf(bytes, at);
            } else {
                bytes[at] ^= (byte) (1 << random.nextInt(7));
            }
            Files.write(random.nextInt(4) == 0 ? directory.resolve("hurt.new") : hurt, bytes);
            Map<String, LeaseBook.Entry> found = new LeaseBook(directory).read();
            assertEquals(entry, found.remove("whole"), "seed " + seed);
            assertTrue(found.isEmpty() || found.equals(Map.of("hurt", entry)), "seed " + seed + ": " + found);
            assertFalse(Files.exists(directory.resolve("hurt.new")));
            Files.deleteIfExists(hurt);
        }
        Path later = directory.resolve("later.leases");
        Files.writeString(later, "hearth-leases 2\nwhatever");
        assertEquals(1, new LeaseBook(directory).read().size());
        assertTrue(Files.exists(later));
    }

    private static List<ObjectId> ids(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new ObjectRef("origin", "key-" + i, new Validator.LastModified(1), 9).id())
                .toList();
    }
}
