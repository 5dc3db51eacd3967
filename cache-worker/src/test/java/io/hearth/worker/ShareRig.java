package io.hearth.worker;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.Server;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Eviction;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.LoadShare.Stage;
import io.hearth.protocol.api.LoadShare.Status;
import io.hearth.protocol.wire.ResidencyReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.roaringbitmap.RoaringBitmap;

/** A worker with its admin port, and a master's side of shares over HTTP. */
final class ShareRig implements AutoCloseable {
    final WorkerRig rig;
    private final Path home;
    private final Server server;
    private final WebClient client;

    ShareRig(Path home, Map<String, String> overrides) {
        this(home, overrides, Duration.ofSeconds(10));
    }

    /** @param requestTimeout the server's, which no long poll may run into */
    ShareRig(Path home, Map<String, String> overrides, Duration requestTimeout) {
        this.home = home;
        rig = new WorkerRig(home, overrides);
        var builder = Server.builder().http(0).requestTimeout(requestTimeout);
        rig.worker.install(builder);
        server = builder.build();
        server.start().join();
        client = WebClient.of("http://127.0.0.1:" + server.activeLocalPort());
    }

    /** Asks the admin port. */
    WebClient admin() {
        return client;
    }

    static LoadShare.Item item(ObjectRef object) {
        return new LoadShare.Item(
                object.origin(), object.key(), object.validator().text(), object.sizeBytes(), Optional.empty());
    }

    static LoadShare.Item item(ObjectRef object, int... blocks) {
        byte[] bitmap = ResidencyReport.bitmapBytes(RoaringBitmap.bitmapOf(blocks));
        return new LoadShare.Item(
                object.origin(), object.key(), object.validator().text(), object.sizeBytes(), Optional.of(bitmap));
    }

    static byte[] order(LoadShare.Item... items) {
        return Json.write(new LoadShare.Order("default", "models", List.of(items)));
    }

    static byte[] order(ObjectRef... objects) {
        return order(Arrays.stream(objects).map(ShareRig::item).toArray(LoadShare.Item[]::new));
    }

    AggregatedHttpResponse call(HttpMethod method, String path, byte[] body) {
        return client.execute(HttpRequest.of(method, "/v1/shares/" + path, MediaType.JSON, body))
                .aggregate()
                .join();
    }

    Status put(String id, byte[] order) {
        return status(call(HttpMethod.PUT, id, order));
    }

    Status get(String pathAndQuery) {
        return status(call(HttpMethod.GET, pathAndQuery, new byte[0]));
    }

    Status fill(String id) {
        return status(call(HttpMethod.POST, id + "/fill", new byte[0]));
    }

    Status verify(String id) {
        return status(call(HttpMethod.POST, id + "/verify", new byte[0]));
    }

    void delete(String id) {
        Assertions.assertEquals(
                204, call(HttpMethod.DELETE, id, new byte[0]).status().code());
    }

    /** The status code of a refusal; it must come with an error document of one line. */
    int refused(HttpMethod method, String path, byte[] body) {
        AggregatedHttpResponse answer = call(method, path, body);
        ErrorDocument error = Json.read(answer.contentUtf8(), ErrorDocument.class);
        Assertions.assertEquals(answer.status().code(), error.status());
        Assertions.assertFalse(error.message().isBlank() || error.message().contains("\n"), error.message());
        return error.status();
    }

    private static Status status(AggregatedHttpResponse answer) {
        Assertions.assertEquals(200, answer.status().code(), answer::contentUtf8);
        return Json.read(answer.contentUtf8(), Status.class);
    }

    /** Follows the share to the stage by long polls. */
    Status await(String id, Stage wanted) {
        Status now = get(id);
        for (int polls = 0; now.stage() != wanted && now.stage() != Stage.REFUSED && polls < 40; polls++) {
            String after = Json.mapper().convertValue(now.stage(), String.class);
            now = get(id + "?after=" + after + "&waitMs=1000");
        }
        Assertions.assertEquals(wanted, now.stage(), now::toString);
        return now;
    }

    /** From the order to the end of the first read-back. */
    Status run(String id, byte[] order) {
        put(id, order);
        await(id, Stage.RESERVED);
        fill(id);
        await(id, Stage.FILLED);
        verify(id);
        return await(id, Stage.VERIFIED);
    }

    static List<Integer> positions(byte[] bitmap) {
        return Arrays.stream(ResidencyReport.bitmap(bitmap).toArray()).boxed().toList();
    }

    void evict(ObjectRef object) {
        byte[] order = Json.write(new Eviction.Order(List.of(object.id().toString())));
        Assertions.assertEquals(
                200,
                client.post("/v1/evictions", order).aggregate().join().status().code());
    }

    double gauge(String name) {
        return rig.registry.get(name).gauges().stream()
                .mapToDouble(gauge -> gauge.value())
                .sum();
    }

    double counter(String name) {
        return rig.counter(name);
    }

    Path data(ObjectRef object) {
        String id = object.id().toString();
        return home.resolve("mem/objects").resolve(id.substring(0, 2)).resolve(id + ".data");
    }

    void flip(ObjectRef object, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(data(object), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 4));
            channel.write(one.flip(), position);
        }
    }

    /** Small objects that each take a block or less. */
    static ObjectRef[] objects(String prefix, int count, long sizeBytes) {
        return IntStream.range(0, count)
                .mapToObj(number -> FakeOrigin.object(prefix + number, sizeBytes))
                .toArray(ObjectRef[]::new);
    }

    @Override
    public void close() {
        // Not waited for: the server's acceptor rests for two seconds before it ends.
        server.stop();
        rig.close();
    }
}
