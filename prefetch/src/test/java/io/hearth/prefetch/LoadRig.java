package io.hearth.prefetch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.server.Server;
import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.OriginSource;
import io.hearth.client.TicketBook;
import io.hearth.client.http.HttpMasterApi;
import io.hearth.cluster.ClusterSettings;
import io.hearth.cluster.IgniteClusterStore;
import io.hearth.master.Master;
import io.hearth.master.MasterSettings;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;
import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.testing.CountingObjectStore;
import io.hearth.testing.Fault;
import io.hearth.testing.FaultPlan;
import io.hearth.testing.FaultyObjectStore;
import io.hearth.testing.MemoryObjectStore;
import io.hearth.worker.Worker;
import io.hearth.worker.WorkerConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A master with its load engine, workers and a bucket in memory: the real parts over real HTTP, in one process. */
final class LoadRig implements AutoCloseable {
    static final String NAMESPACE = "default";
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    final MemoryObjectStore bucket = new MemoryObjectStore();
    private final ObjectStore faulty;
    private CountingObjectStore fetched;
    private final Path home;
    private final Map<String, String> settings;
    private final Map<String, RunningWorker> workers = new TreeMap<>();
    private volatile FaultPlan plan = FaultPlan.none();
    private RunningMaster master;
    private int masterPort;

    LoadRig(Path home, Map<String, String> overrides) {
        this.home = home;
        settings = new HashMap<>(Map.ofEntries(
                Map.entry("cluster.discovery-port", "0"),
                Map.entry("cluster.communication-port", "0"),
                Map.entry("master.worker-heartbeat", "100ms"),
                Map.entry("master.worker-expiry", "1500ms"),
                Map.entry("master.sweep-interval", "100ms"),
                Map.entry("master.generation-grace", "0ms"),
                Map.entry("loads.poll-interval", "50ms"),
                Map.entry("loads.publish-interval", "10ms"),
                Map.entry("loads.save-interval", "50ms"),
                Map.entry("loads.retry-pause", "50ms"),
                Map.entry("loads.worker-wait", "5s")));
        settings.putAll(overrides);
        faulty = new FaultyObjectStore(bucket, (operation, key) -> plan.next(operation, key));
        countAnew();
        startMaster();
    }

    /** Counts what workers fetch from here on. */
    void countAnew() {
        fetched = new CountingObjectStore(faulty);
    }

    /** Bytes that workers fetched. */
    long fetchedBytes() {
        return fetched.bytes();
    }

    /** From here on these faults. */
    void faults(FaultPlan next) {
        plan = next;
    }

    /** Every GET takes that long at least. */
    void slowGets(Duration delay) {
        plan = (operation, key) ->
                operation == FaultPlan.Operation.GET ? new Fault.SlowFirstByte(delay) : new Fault.None();
    }

    private record RunningMaster(IgniteClusterStore store, Master master, Loads loads, Server server) {}

    void startMaster() {
        SettingsBinder binder = new SettingsBinder(home.resolve("master"));
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        IgniteClusterStore store =
                IgniteClusterStore.open(binder.bind(ClusterSettings.class, settings), Clock.systemUTC());
        Master started = Master.start(
                binder.bind(MasterSettings.class, settings),
                store,
                access -> faulty,
                registry,
                Clock.systemUTC(),
                ClusterToken.NONE,
                Map.of("AWS_ACCESS_KEY_ID", "k", "AWS_SECRET_ACCESS_KEY", "s"));
        Loads loads = Loads.start(
                binder.bind(LoadSettings.class, settings),
                started,
                store,
                registry,
                Clock.systemUTC(),
                ClusterToken.NONE);
        Server server = started.install(
                        Server.builder().http(new InetSocketAddress("127.0.0.1", masterPort)), loads.api())
                .build();
        server.start().join();
        masterPort = server.activeLocalPort();
        master = new RunningMaster(store, started, loads, server);
    }

    void stopMaster() {
        stop(master.server());
        master.loads().close();
        master.master().close();
        master.store().close();
    }

    Server server() {
        return master.server();
    }

    /** Its port closes at once; its last thread waits two quiet seconds, which a test need not. */
    private static void stop(Server server) {
        try {
            server.stop().get(300, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // It ends by itself.
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void stopWorkers() {
        List.copyOf(workers.keySet()).forEach(this::stopWorker);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + masterPort + path);
    }

    /** A worker and what it is made of. */
    final class RunningWorker {
        final SimpleMeterRegistry registry = new SimpleMeterRegistry();
        final Worker worker;
        private final HttpMasterApi masters;
        private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
        private final OriginSource source;
        private final Server admin;

        RunningWorker(String id, String tiers, Map<String, String> overrides) {
            ClientSettings client = ClientSettings.of(Map.of());
            masters = new HttpMasterApi(List.of(uri("")), client, ClusterToken.NONE);
            ClientMetrics metrics = new ClientMetrics(registry);
            TicketBook tickets = new TicketBook(masters, client, Clock.systemUTC(), metrics);
            OriginSettings fast = new SettingsBinder(home)
                    .bind(OriginSettings.class, Map.of("origin.attempts", "2", "origin.backoff-max", "50ms"));
            RangeFetch ranges = new RangeFetch(fast, new OriginMetrics(registry), new Random(1), timer);
            source = new OriginSource(tickets, access -> fetched, ranges, client, metrics);
            Map<String, String> values = new HashMap<>(Map.of(
                    "worker.directory",
                    home.resolve(id).toString(),
                    "worker.tiers",
                    tiers,
                    "worker.data-port",
                    "0",
                    "worker.report-interval",
                    "20ms",
                    "worker.lend.watch",
                    "false"));
            values.putAll(overrides);
            AtomicInteger adminPort = new AtomicInteger();
            worker = Worker.start(
                    WorkerConfig.bind(new SettingsBinder(home), values),
                    masters,
                    ClusterToken.NONE,
                    source,
                    registry,
                    Clock.systemUTC(),
                    adminPort::get);
            var builder = Server.builder().http(new InetSocketAddress("127.0.0.1", 0));
            worker.install(builder);
            admin = builder.build();
            admin.start().join();
            adminPort.set(admin.activeLocalPort());
        }

        double counter(String name) {
            return registry.get(name).counters().stream()
                    .mapToDouble(counter -> counter.count())
                    .sum();
        }

        void stop() {
            LoadRig.stop(admin);
            worker.close();
            source.close();
            masters.close();
            timer.shutdownNow();
        }
    }

    RunningWorker startWorker(String id) {
        return startWorker(id, "SSD:" + home.resolve(id).resolve("tier") + ":256MiB", Map.of());
    }

    /** One that fills a block at a time. */
    RunningWorker startSlowWorker(String id) {
        return startWorker(id, "SSD:" + home.resolve(id).resolve("tier") + ":256MiB", Map.of("worker.fill-slots", "1"));
    }

    RunningWorker startWorker(String id, String tiers, Map<String, String> overrides) {
        RunningWorker started = new RunningWorker(id, tiers, overrides);
        workers.put(id, started);
        await("worker " + id + " registers", started.worker::registered);
        return started;
    }

    void stopWorker(String id) {
        workers.remove(id).stop();
    }

    Path tier(String id) {
        return home.resolve(id).resolve("tier");
    }

    /** A dataset over the whole bucket, listed. */
    DatasetName dataset(String name) {
        DatasetName dataset = new DatasetName(NAMESPACE, name);
        String spec = "{\"name\":\"" + name + "\",\"spec\":{\"mounts\":[{\"mountPoint\":\"s3://b/" + name
                + "\"}],\"refresh\":\"" + DatasetSpec.REFRESH_MANUAL + "\"}}";
        send("POST", "/v1/namespaces/default/datasets", spec);
        await("the dataset is listed", () -> describe(dataset).phase().equals(DatasetStatus.BOUND));
        return dataset;
    }

    DatasetStatus describe(DatasetName dataset) {
        return get(path(dataset), DatasetStatus.class);
    }

    /** The objects of the dataset's newest generation by path. */
    Map<String, ObjectRef> objects(DatasetName dataset) {
        String id = describe(dataset).generation().orElseThrow();
        Generation generation = get(path(dataset) + "/generations/" + id, Generation.class);
        Map<String, ObjectRef> objects = new TreeMap<>();
        for (Generation.SegmentRef ref : generation.segments()) {
            for (Entry entry : Segment.decode(send("GET", path(dataset) + "/segments/" + ref.id(), "")
                            .body())
                    .entries()) {
                objects.put("/" + entry.path(), generation.object(entry));
            }
        }
        return objects;
    }

    static String path(DatasetName dataset) {
        return "/v1/namespaces/" + dataset.namespace() + "/datasets/" + dataset.name();
    }

    static LoadSpec spec(String... paths) {
        return new LoadSpec(
                Arrays.stream(paths)
                        .map(path -> new LoadSpec.Target(path, Optional.empty()))
                        .toList(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    LoadStatus create(DatasetName dataset, LoadSpec spec) {
        HttpResponse<byte[]> answer =
                send("POST", path(dataset) + "/loads", new String(Json.write(spec), StandardCharsets.UTF_8));
        assertTrue(answer.statusCode() == 202, answer.statusCode() + " " + text(answer));
        LoadStatus load = Json.read(answer.body(), LoadStatus.class);
        assertTrue(
                answer.headers().firstValue("location").orElse("").equals(path(dataset) + "/loads/" + load.name()),
                "the location names the load");
        return load;
    }

    /** Creates a load and waits for its end. */
    LoadStatus load(DatasetName dataset, LoadSpec spec) {
        return awaitEnd(create(dataset, spec));
    }

    LoadStatus describe(LoadStatus load) {
        return get(path(load), LoadStatus.class);
    }

    static String path(LoadStatus load) {
        return path(new DatasetName(load.namespace(), load.dataset())) + "/loads/" + load.name();
    }

    LoadStatus awaitEnd(LoadStatus load) {
        return await(load, now -> now.phase().ended());
    }

    LoadStatus await(LoadStatus load, Predicate<LoadStatus> condition) {
        LoadStatus[] last = {load};
        await(() -> "the load, still " + last[0], () -> {
            last[0] = describe(load);
            return condition.test(last[0]);
        });
        return last[0];
    }

    <T> T get(String path, Class<T> type) {
        HttpResponse<byte[]> answer = send("GET", path, "");
        assertTrue(answer.statusCode() < 300, () -> path + ": " + answer.statusCode() + " " + text(answer));
        return Json.read(answer.body(), type);
    }

    /** The message of a refusal with that status. */
    String refused(int status, String method, String path, String body) {
        HttpResponse<byte[]> answer = send(method, path, body);
        assertTrue(answer.statusCode() == status, () -> answer.statusCode() + " " + text(answer));
        return Json.read(answer.body(), ErrorDocument.class).message();
    }

    HttpResponse<byte[]> send(String method, String path, String body) {
        try {
            HttpRequest request = HttpRequest.newBuilder(uri(path))
                    .method(
                            method,
                            body.isEmpty()
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(body))
                    .header("content-type", "application/json")
                    .timeout(Duration.ofSeconds(20))
                    .build();
            return HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new AssertionError(method + " " + path + " had no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    static void await(String what, BooleanSupplier condition) {
        await(() -> what, condition);
    }

    /** Asks again and again, at most 30 s. */
    private static void await(Supplier<String> what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within 30 s: " + what.get());
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        stopWorkers();
        stopMaster();
    }
}
