package io.hearth.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.ObjectChecksum;
import io.hearth.objectstore.ObjectChecksum.Algorithm;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.ListPage;
import io.hearth.objectstore.ObjectStore.ListedObject;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.RangeSink;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.Validator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.junit.jupiter.api.Test;

/** What every {@link ObjectStore} is held to. A subclass gives an empty bucket and the means to fill it. */
public abstract class ObjectStoreContract {
    private static final int WAIT_SECONDS = 20;

    /** The store under test, over a bucket that was empty before this test. */
    protected abstract ObjectStore store();

    /** Stores or overwrites an object in that bucket. */
    protected abstract void put(String key, byte[] bytes);

    /** Removes an object of that bucket. */
    protected abstract void delete(String key);

    @Test
    void listsNothingInAnEmptyBucket() {
        assertEquals(new ListPage(List.of(), Optional.empty()), await(store().list("", Optional.empty(), 1000)));
    }

    @Test
    void listsKeysUnderThePrefixInOrderWithTheirSizes() {
        put("a/2", bytes(2));
        put("a/10", bytes(10));
        put("a.b", bytes(1));
        put("b/1", bytes(1));
        List<ListedObject> listed = listAll("a/", 1000);
        assertEquals(List.of("a/10", "a/2"), keys(listed));
        assertEquals(
                List.of(10L, 2L), listed.stream().map(ListedObject::sizeBytes).toList());
    }

    @Test
    void pagesThroughAListingWithoutLossOrRepetition() {
        List<String> keys = IntStream.range(0, 25)
                .mapToObj(i -> String.format("dir-%d/file-%02d", i % 3, i))
                .sorted()
                .toList();
        keys.forEach(key -> put(key, bytes(3)));
        for (int keysMax : new int[] {1, 7, 25, 1000}) {
            assertEquals(keys, keys(listAll("", keysMax)), "pages of " + keysMax);
        }
    }

    @Test
    void keepsKeysThatNeedCare() {
        List<String> keys = List.of(
                " leading and trailing ",
                "100%",
                "a+b&c=d?e#f",
                "emoji-\uD83D\uDD25/x",
                "ma\u00F1ana/\u65E5\u672C\u8A9E.txt",
                "plus+plus",
                "quote'\"<tag>",
                "~tilde");
        keys.forEach(key -> put(key, key.getBytes(StandardCharsets.UTF_8)));
        assertEquals(keys, keys(listAll("", 3)));
        for (ListedObject object : listAll("", 1000)) {
            assertEquals(object, await(store().head(object.key())));
            assertArrayEquals(object.key().getBytes(StandardCharsets.UTF_8), read(object, 0, (int) object.sizeBytes()));
        }
    }

    @Test
    void headSaysWhatTheListingSays() {
        put("x/model.bin", bytes(12_345));
        put("x/empty", bytes(0));
        for (ListedObject object : listAll("x/", 10)) {
            assertEquals(object, await(store().head(object.key())));
        }
    }

    @Test
    void headOfNothingIsNotFound() {
        assertFails(FailureKind.NOT_FOUND, store().head("nowhere"));
    }

    @Test
    void readsExactlyTheRange() {
        byte[] content = bytes(1_000_003);
        put("k", content);
        ListedObject object = await(store().head("k"));
        int[][] ranges = {{0, 1}, {0, 1_000_003}, {1_000_002, 1}, {0, 65_536}, {65_535, 2}, {123_456, 789_012}};
        for (int[] range : ranges) {
            assertArrayEquals(
                    Arrays.copyOfRange(content, range[0], range[0] + range[1]),
                    read(object, range[0], range[1]),
                    Arrays.toString(range));
        }
    }

    @Test
    void refusesRangesOfAnOverwrittenVersion() {
        put("k", bytes(5000));
        ListedObject before = await(store().head("k"));
        byte[] newer = bytes(5000);
        newer[0]++;
        put("k", newer);
        ByteSink sink = new ByteSink();
        assertFails(FailureKind.STALE, store().get(request(before, 0, 5000), sink));
        assertEquals(0, sink.bytes().length, "bytes of the other version");
        ListedObject after = await(store().head("k"));
        assertNotEquals(before.validator(), after.validator());
        assertArrayEquals(newer, read(after, 0, 5000));
    }

    @Test
    void refusesRangesOfADeletedObject() {
        put("k", bytes(10));
        ListedObject before = await(store().head("k"));
        delete("k");
        assertFails(FailureKind.STALE, store().get(request(before, 0, 10), new ByteSink()));
    }

    @Test
    void refusesAnotherTotalSizeThanExpected() {
        put("k", bytes(100));
        ListedObject object = await(store().head("k"));
        RangeRequest wrong = new RangeRequest("k", object.validator(), 101, 0, 10);
        assertFails(FailureKind.STALE, store().get(wrong, new ByteSink()));
    }

    @Test
    void readsByTimeWhereThereIsNothingBetter() {
        byte[] content = bytes(300);
        put("k", content);
        ListedObject object = await(store().head("k"));
        Validator byTime = new Validator.LastModified(object.modifiedMs());
        ByteSink sink = new ByteSink();
        await(store().get(new RangeRequest("k", byTime, 300, 10, 20), sink));
        assertArrayEquals(Arrays.copyOfRange(content, 10, 30), sink.bytes());
        Validator older = new Validator.LastModified(object.modifiedMs() - 3_600_000);
        assertFails(FailureKind.STALE, store().get(new RangeRequest("k", older, 300, 10, 20), new ByteSink()));
    }

    @Test
    void saysOfAWholeObjectWhatIsTrueOrNothing() throws NoSuchAlgorithmException {
        byte[] content = bytes(70_001);
        put("k", content);
        ListedObject object = await(store().head("k"));
        for (ObjectChecksum checksum : await(store().checksums("k", object.validator()))) {
            assertArrayEquals(digest(checksum.algorithm(), content), checksum.value(), checksum::toString);
        }
    }

    @Test
    void saysNothingOfAnotherVersion() {
        put("k", bytes(10));
        Validator old = await(store().head("k")).validator();
        put("k", bytes(20));
        assertFails(FailureKind.STALE, store().checksums("k", old));
        delete("k");
        assertFails(FailureKind.NOT_FOUND, store().checksums("k", old));
    }

    private static byte[] digest(Algorithm algorithm, byte[] bytes) throws NoSuchAlgorithmException {
        return switch (algorithm) {
            case CRC32C -> crc(new CRC32C(), bytes);
            case CRC32 -> crc(new CRC32(), bytes);
            case SHA256 -> MessageDigest.getInstance("SHA-256").digest(bytes);
            case SHA1 -> MessageDigest.getInstance("SHA-1").digest(bytes);
            case MD5 -> MessageDigest.getInstance("MD5").digest(bytes);
            case CRC64NVME -> throw new AssertionError("no store of the tests keeps one: compute it here if one does");
        };
    }

    private static byte[] crc(Checksum checksum, byte[] bytes) {
        checksum.update(bytes);
        return ByteBuffer.allocate(Integer.BYTES)
                .putInt((int) checksum.getValue())
                .array();
    }

    @Test
    void waitsForTheSinkBeforeItGivesMore() {
        put("k", bytes(2_000_000));
        ListedObject object = await(store().head("k"));
        AtomicInteger held = new AtomicInteger();
        AtomicInteger heldMost = new AtomicInteger();
        AtomicLong received = new AtomicLong();
        RangeSink slow = piece -> {
            heldMost.accumulateAndGet(held.incrementAndGet(), Math::max);
            received.addAndGet(piece.remaining());
            return CompletableFuture.runAsync(
                    held::decrementAndGet, CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS));
        };
        await(store().get(request(object, 0, 2_000_000), slow));
        assertEquals(2_000_000, received.get());
        assertEquals(1, heldMost.get(), "buffers given before the one before was taken");
        assertEquals(0, held.get(), "done while the sink still held a buffer");
    }

    @Test
    void stopsWhenTheSinkFails() {
        put("k", bytes(2_000_000));
        ListedObject object = await(store().head("k"));
        AtomicInteger calls = new AtomicInteger();
        RangeSink full = piece -> {
            calls.incrementAndGet();
            return CompletableFuture.failedStage(new HearthException(FailureKind.NO_SPACE, "no room"));
        };
        assertFails(FailureKind.NO_SPACE, store().get(request(object, 0, 2_000_000), full));
        assertEquals(1, calls.get());
        assertEquals(10, read(object, 5, 10).length, "the store must go on working");
    }

    @Test
    void givesUpWhenCancelled() {
        put("k", bytes(4_000_000));
        ListedObject object = await(store().head("k"));
        CompletableFuture<Void> firstCall = new CompletableFuture<>();
        CompletableFuture<Void> never = new CompletableFuture<>();
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<Void> transfer = store().get(request(object, 0, 4_000_000), piece -> {
            calls.incrementAndGet();
            firstCall.complete(null);
            return never;
        });
        await(firstCall);
        transfer.cancel(true);
        never.complete(null);
        assertArrayEquals(Arrays.copyOf(bytes(4_000_000), 10), read(object, 0, 10));
        assertEquals(1, calls.get(), "sink called after the transfer was cancelled");
    }

    @Test
    void servesManyRangesAtOnce() {
        byte[] content = bytes(3_000_000);
        put("k", content);
        ListedObject object = await(store().head("k"));
        List<CompletableFuture<Void>> transfers = new ArrayList<>();
        List<ByteSink> sinks = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            ByteSink sink = new ByteSink();
            sinks.add(sink);
            transfers.add(store().get(request(object, i * 50_000L, 50_000), sink));
        }
        transfers.forEach(ObjectStoreContract::await);
        for (int i = 0; i < 60; i++) {
            assertArrayEquals(
                    Arrays.copyOfRange(content, i * 50_000, (i + 1) * 50_000),
                    sinks.get(i).bytes());
        }
    }

    /** {@code length} bytes that differ from place to place; the same for the same length. */
    protected static byte[] bytes(int length) {
        return Content.noise(length, length).bytes(0, length);
    }

    /** Waits for the result, at most 20 s; throws the failure itself. */
    protected static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw HearthException.of(e);
        } catch (Exception e) {
            throw new AssertionError("no result within " + WAIT_SECONDS + " s: " + e, e);
        }
    }

    /** Holds that the future fails in Hearth's words with that kind, and returns the message. */
    protected static String assertFails(FailureKind kind, CompletableFuture<?> future) {
        ExecutionException thrown =
                assertThrows(ExecutionException.class, () -> future.get(WAIT_SECONDS, TimeUnit.SECONDS));
        assertTrue(thrown.getCause() instanceof HearthException, () -> "a foreign failure: " + thrown.getCause());
        HearthException failure = (HearthException) thrown.getCause();
        assertEquals(kind, failure.kind(), failure::getMessage);
        return failure.getMessage();
    }

    protected final byte[] read(ListedObject object, long offset, int length) {
        ByteSink sink = new ByteSink();
        if (length > 0) {
            await(store().get(request(object, offset, length), sink));
        }
        return sink.bytes();
    }

    protected static RangeRequest request(ListedObject object, long offset, int length) {
        return new RangeRequest(object.key(), object.validator(), object.sizeBytes(), offset, length);
    }

    protected final List<ListedObject> listAll(String prefix, int keysMax) {
        List<ListedObject> all = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            ListPage page = await(store().list(prefix, next, keysMax));
            assertTrue(page.objects().size() <= keysMax, "more keys than asked for");
            all.addAll(page.objects());
            next = page.next();
        } while (next.isPresent());
        return all;
    }

    private static List<String> keys(List<ListedObject> objects) {
        return objects.stream().map(ListedObject::key).toList();
    }
}
