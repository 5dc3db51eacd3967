package io.hearth.prefetch.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.Server;
import io.hearth.master.PinnedTree;
import io.hearth.prefetch.target.WantedFiles;
import io.hearth.protocol.Validator;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.LoadShare.Stage;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;
import io.hearth.protocol.wire.ResidencyReport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.roaringbitmap.RoaringBitmap;

/**
 * What a round makes of a worker's answers. The worker is a server that says of every share that was to be filled that
 * all of it is verified.
 */
@Timeout(20)
class RoundTest {
    private volatile String answering = "w";
    private volatile int files = 1;
    private volatile Duration orderDelay = Duration.ZERO;
    private final Set<String> filled = ConcurrentHashMap.newKeySet();
    private final AtomicInteger orders = new AtomicInteger();
    private final AtomicInteger ordersMost = new AtomicInteger();
    private Server server;

    @BeforeEach
    void start() {
        server = Server.builder()
                .http(new InetSocketAddress("127.0.0.1", 0))
                .requestTimeoutMillis(0)
                .maxRequestLength(64 << 20)
                .serviceUnder("/v1/shares/", (context, request) -> {
                    String id = context.path().split("/")[3];
                    if (request.method() == HttpMethod.POST) {
                        filled.add(id);
                    }
                    HttpResponse answer = HttpResponse.of(request.aggregate()
                            .thenApply(
                                    whole -> HttpResponse.of(HttpStatus.OK, MediaType.JSON, Json.write(status(id)))));
                    return request.method() == HttpMethod.PUT ? order(answer) : answer;
                })
                .build();
        server.start().join();
    }

    private HttpResponse order(HttpResponse answer) {
        int now = orders.incrementAndGet();
        ordersMost.accumulateAndGet(now, Math::max);
        return HttpResponse.of(CompletableFuture.supplyAsync(
                () -> {
                    orders.decrementAndGet();
                    return answer;
                },
                CompletableFuture.delayedExecutor(orderDelay.toMillis(), TimeUnit.MILLISECONDS)));
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void aWorkerIsTakenAtItsWord() throws InterruptedException {
        assertTrue(run().complete());
    }

    @Test
    void anotherWorkerAtItsPortIsNot() throws InterruptedException {
        answering = "other";
        RoundResult result = run();
        assertFalse(result.complete());
        assertEquals(1, result.failed().getCardinality());
        assertTrue(
                result.reasons().get(0).contains("worker w is gone"),
                result.reasons().toString());
    }

    @Test
    void aFewOrdersAreUnderWayAtOnce() throws InterruptedException {
        files = 6 * LoadShare.ITEMS_MAX;
        orderDelay = Duration.ofSeconds(1);
        assertTrue(run().complete());
        assertTrue(ordersMost.get() <= 4, ordersMost + " at once");
    }

    private RoundResult run() throws InterruptedException {
        WorkerRegistration worker = new WorkerRegistration(
                "w",
                1,
                "127.0.0.1",
                1,
                server.activeLocalPort(),
                "v",
                List.of(new WorkerRegistration.TierUse("SSD", "/t", 1L << 30, 0)));
        WantedFiles.Builder builder = new WantedFiles.Builder(new OneFile());
        builder.segment(0);
        for (int i = 0; i < files; i++) {
            builder.add(0, 100, 1);
        }
        WantedFiles wanted = builder.build();
        AtomicInteger ids = new AtomicInteger();
        LoadCounts counts = new LoadCounts(wanted, 0);
        Round round = new Round(
                LoadPlan.of(wanted, new RoaringBitmap(), List.of(worker)),
                new LoadShare.Order("n", "d", List.of()),
                () -> "id" + ids.incrementAndGet(),
                new ShareClient(WebClient.of(), Duration.ofSeconds(5)),
                () -> List.of(worker),
                counts,
                new RoundLimits(
                        2, Duration.ofMillis(10), Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofMinutes(1)),
                () -> {},
                () -> {});
        counts.begin(round.shares(), 0);
        return round.run();
    }

    private LoadShare.Status status(String id) {
        Stage stage = filled.contains(id) ? Stage.VERIFIED : Stage.RESERVED;
        byte[] all = ResidencyReport.bitmapBytes(RoaringBitmap.bitmapOfRange(0, Math.min(files, LoadShare.ITEMS_MAX)));
        return new LoadShare.Status(answering, 1, stage, Optional.empty(), 100, 100, 100, 0, 100, all, all, List.of());
    }

    private static final class OneFile implements PinnedTree {
        @Override
        public String datasetUid() {
            return "uid";
        }

        @Override
        public Generation generation() {
            return new Generation(
                    Generation.FORMAT_VERSION,
                    "g",
                    List.of(new Generation.Mount("", "origin", "")),
                    List.of(new Generation.SegmentRef("s", 1)),
                    1,
                    100,
                    0,
                    0,
                    List.of());
        }

        @Override
        public Segment segment(int number) {
            return new Segment("s", List.of(new Entry("a.bin", 0, false, 100, 0, Validator.parse("e:v"))));
        }

        @Override
        public void close() {}
    }
}
