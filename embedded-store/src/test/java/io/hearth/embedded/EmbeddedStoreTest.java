package io.hearth.embedded;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.ListedObject;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginCheck;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.s3.S3ObjectStores;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.Validator;
import io.hearth.protocol.api.CheckReport.Finding;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedStoreTest {
    @TempDir
    Path directory;

    private S3ObjectStores stores;
    private EmbeddedStore server;
    private ObjectStore store;

    @BeforeEach
    void start() {
        stores = new S3ObjectStores(OriginSettings.defaults(), new OriginMetrics(new SimpleMeterRegistry()));
        server = EmbeddedStore.start(directory);
        server.createBucket("data");
        store = stores.open(server.access("data", ""));
    }

    @AfterEach
    void stop() {
        store.close();
        stores.close();
        server.close();
    }

    @Test
    void storedObjectsHaveTheirMd5AsEtag() throws Exception {
        byte[] bytes = text("some bytes");
        server.put("data", "dir/x", bytes);
        String md5 = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        assertEquals(new Validator.StrongEtag("\"" + md5 + "\""), only().validator());
    }

    @Test
    void servesFilesPutThereByHand() throws IOException {
        Path file = byHand("by/hand-\u00e9.bin", "first");
        ListedObject object = only();
        assertEquals("by/hand-\u00e9.bin", object.key());
        assertTrue(object.validator() instanceof Validator.StrongEtag, () -> object + " has no strong ETag");
        assertEquals(object, await(store.head(object.key())));
        assertArrayEquals(text("irs"), read(object, 1, 3));
        assertEquals(file, server.directory().orElseThrow().resolve("data/by/hand-\u00e9.bin"));
    }

    @Test
    void aFileReplacedByHandIsAnotherVersion() throws IOException {
        byHand("x", "first");
        ListedObject before = only();
        Path other = Files.writeString(directory.resolve("other"), "secnd");
        Files.move(other, directory.resolve("data/x"), StandardCopyOption.REPLACE_EXISTING);
        assertStale(before);
        assertArrayEquals(text("secnd"), read(only(), 0, 5));
    }

    @Test
    void aStoredObjectOverwrittenInPlaceIsAnotherVersion() throws IOException {
        server.put("data", "x", text("first"));
        ListedObject before = only();
        Files.writeString(directory.resolve("data/x"), "secnd");
        assertNotEquals(before.validator(), only().validator());
        assertStale(before);
        assertArrayEquals(text("secnd"), read(only(), 0, 5));
    }

    @Test
    void aBucketMayBeMadeByHand() throws IOException {
        Files.createDirectories(directory.resolve("hand/sub"));
        Files.writeString(directory.resolve("hand/sub/f"), "x");
        try (ObjectStore other = stores.open(server.access("hand", ""))) {
            assertEquals(
                    List.of("sub/f"),
                    await(other.list("", Optional.empty(), 10)).objects().stream()
                            .map(ListedObject::key)
                            .toList());
        }
    }

    @Test
    void keepsDirectoryMarkersAndShowsNoneForPlainDirectories() throws IOException {
        server.put("data", "marked/", new byte[0]);
        byHand("plain/x", "x");
        List<ListedObject> objects = list();
        assertEquals(
                List.of("marked/", "plain/x"),
                objects.stream().map(ListedObject::key).toList());
        assertEquals(0, objects.get(0).sizeBytes());
    }

    @Test
    void refusesAKeyThatIsAlsoADirectory() {
        server.put("data", "a/b", text("x"));
        HearthException refused = assertThrows(HearthException.class, () -> server.put("data", "a", text("y")));
        assertEquals(FailureKind.CONFLICT, refused.kind());
    }

    @Test
    void asksForItsKeys() {
        Credentials.Keys keys = EmbeddedStore.randomKeys(new Random(7));
        try (EmbeddedStore signed = EmbeddedStore.start(directory, 0, keys)) {
            signed.put("data", "x", text("x"));
            OriginAccess access = signed.access("data", "");
            assertEquals(1, listed(access));
            Credentials.Keys wrong = new Credentials.Keys(keys.accessKeyId(), "wrong", Optional.empty());
            Credentials.Keys unknown = new Credentials.Keys("unknown", keys.secretAccessKey(), Optional.empty());
            for (Credentials bad : List.of(new Credentials.Anonymous(), wrong, unknown)) {
                HearthException refused = assertThrows(
                        HearthException.class, () -> listed(new OriginAccess(access.origin(), bad)), bad::toString);
                assertEquals(FailureKind.DENIED, refused.kind(), refused::getMessage);
            }
        }
    }

    @Test
    void servesManyRangesOfALargeObjectAtOnce() throws IOException {
        long size = 5L << 30;
        int length = 8 << 20;
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("data/large").toFile(), "rw")) {
            file.setLength(size);
            for (long offset = 0; offset < size; offset += size / 64) {
                file.seek(offset);
                file.writeLong(offset + 1);
            }
        }
        ListedObject object = only();
        List<CompletableFuture<Long>> reads = new ArrayList<>();
        for (long offset = 0; offset < size; offset += size / 64) {
            RangeRequest range = new RangeRequest("large", object.validator(), size, offset, length);
            ByteBuffer start = ByteBuffer.allocate(Long.BYTES);
            reads.add(store.get(range, bytes -> {
                        while (bytes.hasRemaining() && start.hasRemaining()) {
                            start.put(bytes.get());
                        }
                        return CompletableFuture.completedStage(null);
                    })
                    .thenApply(nothing -> start.getLong(0)));
        }
        for (int i = 0; i < 64; i++) {
            assertEquals(i * (size / 64) + 1, await(reads.get(i)), "first bytes of range " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "data, dir/,     right, right, OK,          has objects",
        "data, nothing/, right, right, prefix,      no objects below s3://data/nothing/",
        "none, dir/,     right, right, bucket,      no bucket 'none'",
        "data, dir/,     wrong, right, credentials, access key id",
        "data, dir/,     right, wrong, credentials, secret access key",
    })
    void aCheckNamesWhatIsWrong(String bucket, String prefix, String id, String secret, String subject, String words) {
        Credentials.Keys keys = new Credentials.Keys("right", "right", Optional.empty());
        try (EmbeddedStore signed = EmbeddedStore.start(directory, 0, keys)) {
            signed.put("data", "dir/x", text("x"));
            OriginAccess access = new OriginAccess(
                    signed.access(bucket, prefix).origin(), new Credentials.Keys(id, secret, Optional.empty()));
            List<Finding> findings = await(new OriginCheck(stores).check(access));
            Finding last = findings.get(findings.size() - 1);
            assertEquals(subject, last.ok() ? "OK" : last.subject(), last::toString);
            assertTrue(last.detail().contains(words), last::toString);
        }
    }

    @Test
    void saysThatItsPortIsTaken() {
        int port = server.endpoint().getPort();
        HearthException refused = assertThrows(
                HearthException.class, () -> EmbeddedStore.start(directory, port, new Credentials.Anonymous()));
        assertEquals(FailureKind.CONFLICT, refused.kind());
        assertTrue(refused.getMessage().contains(Integer.toString(port)), refused::getMessage);
    }

    @Test
    void startsAgainOverTheSameDirectory() {
        server.put("data", "x", text("kept"));
        ListedObject before = only();
        server.close();
        server = EmbeddedStore.start(directory);
        store = stores.open(server.access("data", ""));
        assertEquals(before, only());
        assertArrayEquals(text("kept"), read(before, 0, 4));
    }

    private Path byHand(String key, String content) throws IOException {
        Path file = directory.resolve("data").resolve(key);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private int listed(OriginAccess access) {
        try (ObjectStore opened = stores.open(access)) {
            return await(opened.list("", Optional.empty(), 10)).objects().size();
        }
    }

    private List<ListedObject> list() {
        return new ArrayList<>(await(store.list("", Optional.empty(), 1000)).objects());
    }

    private ListedObject only() {
        List<ListedObject> all = list();
        assertEquals(1, all.size(), all::toString);
        return all.get(0);
    }

    private void assertStale(ListedObject before) {
        HearthException refused = assertThrows(HearthException.class, () -> read(before, 0, 5));
        assertEquals(FailureKind.STALE, refused.kind(), refused::getMessage);
    }

    private byte[] read(ListedObject object, long offset, int length) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RangeRequest range = new RangeRequest(object.key(), object.validator(), object.sizeBytes(), offset, length);
        await(store.get(range, piece -> {
            while (piece.hasRemaining()) {
                bytes.write(piece.get());
            }
            return CompletableFuture.completedStage(null);
        }));
        return bytes.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw HearthException.of(e);
        } catch (Exception e) {
            throw new AssertionError("no result within 20 s", e);
        }
    }
}
