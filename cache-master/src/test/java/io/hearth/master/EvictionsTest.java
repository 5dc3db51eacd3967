package io.hearth.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.Server;
import io.hearth.protocol.api.Eviction;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.WorkerLease;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.testing.MemoryObjectStore;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvictionsTest {
    private static final String EVICTIONS = "/v1/namespaces/default/datasets/d/evictions";

    @TempDir
    private Path home;

    @Test
    void everyLiveWorkerIsAskedAndOneThatIsAwayIsNamed() {
        MemoryObjectStore bucket = new MemoryObjectStore();
        for (String key : List.of("d/a", "d/dir/b", "d/dir/c", "d/dirt")) {
            bucket.put(key, new byte[10]);
        }
        Queue<Integer> orders = new ConcurrentLinkedQueue<>();
        Server worker = worker(orders);
        try (TestMaster master = new TestMaster(home, bucket.factory(), Map.of("master.worker-expiry", "1m"))) {
            master.createBound("d", "s3://b/d");
            assertEquals(new Eviction.Result(0, 0), evict(master, "{}"), "without a worker there is nothing to drop");
            register(master, "one", worker.activeLocalPort());
            register(master, "two", worker.activeLocalPort());
            assertEquals(new Eviction.Result(4, 40), evict(master, "{\"path\":\"/dir/\"}"));
            assertEquals(List.of(2, 2), List.copyOf(orders));
            assertEquals(new Eviction.Result(2, 20), evict(master, "{\"path\":\"dirt\"}"));
            assertEquals(new Eviction.Result(8, 80), evict(master, "{}"));
            String unknown = master.error(404, "POST", EVICTIONS, "{\"path\":\"/nowhere\"}")
                    .message();
            assertEquals("the dataset default/d has nothing at /nowhere", unknown);

            orders.clear();
            register(master, "gone", 1);
            String line =
                    master.error(503, "POST", EVICTIONS, "{\"path\":\"/a\"}").message();
            assertTrue(line.startsWith("workers gone could not be reached"), line);
            assertTrue(line.contains("the others dropped 2 objects, 20 bytes"), line);
            assertEquals(List.of(1, 1), List.copyOf(orders));
        } finally {
            worker.stop().join();
        }
    }

    private static Eviction.Result evict(TestMaster master, String body) {
        return master.ok(master.send("POST", EVICTIONS, body.getBytes()), Eviction.Result.class);
    }

    private static void register(TestMaster master, String id, int adminPort) {
        WorkerRegistration worker = new WorkerRegistration(id, 1, "127.0.0.1", 9, adminPort, "0.1.0", List.of());
        master.post("/v1/workers", worker, WorkerLease.class);
    }

    /** Says that it dropped all it was asked to, 10 bytes each. */
    private static Server worker(Queue<Integer> orders) {
        Server server = Server.builder()
                .http(new InetSocketAddress("127.0.0.1", 0))
                .service(
                        "/v1/evictions",
                        (context, request) ->
                                HttpResponse.of(request.aggregate().thenApply(body -> {
                                    int count = Json.read(body.content().array(), Eviction.Order.class)
                                            .objects()
                                            .size();
                                    orders.add(count);
                                    return HttpResponse.of(
                                            HttpStatus.OK,
                                            MediaType.JSON,
                                            new String(Json.write(new Eviction.Result(count, 10L * count))));
                                })))
                .build();
        server.start().join();
        return server;
    }
}
