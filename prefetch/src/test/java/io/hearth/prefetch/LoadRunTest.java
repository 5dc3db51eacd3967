package io.hearth.prefetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.client.WebClient;
import io.hearth.cluster.ClusterStore;
import io.hearth.cluster.Codec;
import io.hearth.cluster.DurableQueue;
import io.hearth.cluster.LeaseTable;
import io.hearth.cluster.TransactionalMap;
import io.hearth.master.DatasetTrees;
import io.hearth.master.PinnedTree;
import io.hearth.prefetch.round.ShareClient;
import io.hearth.prefetch.target.Targets;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;
import io.hearth.protocol.settings.SettingsBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** How a run ends where what it works with fails it. */
class LoadRunTest {
    private static final Generation EMPTY =
            new Generation(Generation.FORMAT_VERSION, "g", List.of(), List.of(), 0, 0, 0, 0, List.of());

    private final AtomicInteger putsFailing = new AtomicInteger();
    private FailureKind failure = FailureKind.TIMEOUT;
    private Optional<Error> fault = Optional.empty();
    private volatile boolean closed;
    private volatile boolean stopping;
    private final TreeMap<String, Object> kept = new TreeMap<>();

    @Test
    void anEndThatTheStoreDoesNotTakeIsSavedAgainBeforeAnybodyIsTold() {
        putsFailing.set(3);
        LiveLoad load = load();
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> run(load).run());
        LoadStatus last = load.ended().getNow(load.status());
        assertEquals(LoadPhase.COMPLETE, last.phase(), "the state in between that was not saved is no reason to fail");
        assertEquals(0, putsFailing.get());
        assertEquals(last, ((StoredLoad) kept.get("n/l")).status());
        assertTrue(closed, "the tree");
    }

    @Test
    void anEndThatTheStoreRefusesForGoodIsToldAllTheSame() {
        putsFailing.set(Integer.MAX_VALUE);
        failure = FailureKind.INVALID;
        LiveLoad load = load();
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> run(load).run());
        assertEquals(LoadPhase.COMPLETE, load.ended().getNow(load.status()).phase());
    }

    @Test
    void aStoreThatIsGoneWhenTheEngineStopsLeavesTheLoadToTheNextLife() {
        putsFailing.set(Integer.MAX_VALUE);
        LiveLoad load = load();
        LoadRun run = run(load);
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            Thread thread = new Thread(run, "hearth-test-run");
            thread.start();
            while (putsFailing.get() > Integer.MAX_VALUE - 2) {
                Thread.onSpinWait();
            }
            stopping = true;
            thread.join();
        });
        assertFalse(load.ended().isDone());
        assertTrue(closed, "the tree");
    }

    @Test
    void anErrorOfTheJvmEndsTheLoad() {
        fault = Optional.of(new StackOverflowError());
        LiveLoad load = load();
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> run(load).run());
        assertEquals(LoadPhase.FAILED, load.ended().getNow(load.status()).phase());
    }

    private static LiveLoad load() {
        LoadSpec spec = Targets.normal(new LoadSpec(List.of(), Optional.of(true), Optional.empty(), Optional.empty()));
        return new LiveLoad(
                "uid",
                new LoadStatus(
                        "n",
                        "l",
                        "d",
                        spec,
                        LoadPhase.PENDING,
                        Optional.empty(),
                        Optional.of("g"),
                        0,
                        new LoadStatus.Files(0, 0, 0, 0),
                        new LoadStatus.Bytes(0, 0, 0, 0),
                        Map.of(),
                        0,
                        Optional.empty(),
                        0,
                        List.of(),
                        List.of(),
                        "2026-01-01T00:00:00Z",
                        Optional.empty(),
                        Optional.empty(),
                        0));
    }

    private LoadRun run(LiveLoad load) {
        LoadParts parts = new LoadParts(
                new OneTree(),
                List::of,
                new LoadStore(new FailingStore()),
                new ShareClient(WebClient.of(), Duration.ofSeconds(1)),
                () -> "id",
                new SettingsBinder(Path.of("none")).bind(LoadSettings.class, Map.of()),
                new LoadMetrics(new SimpleMeterRegistry()),
                Clock.systemUTC());
        return new LoadRun(load, new Tree(), Optional.empty(), parts, () -> stopping);
    }

    private final class Tree implements PinnedTree {
        @Override
        public String datasetUid() {
            return "uid";
        }

        @Override
        public Generation generation() {
            fault.ifPresent(error -> {
                throw error;
            });
            return EMPTY;
        }

        @Override
        public Segment segment(int number) {
            throw new IndexOutOfBoundsException(number);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class OneTree implements DatasetTrees {
        @Override
        public CompletableFuture<PinnedTree> newest(DatasetName name, boolean anew) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<PinnedTree> find(DatasetName name, String datasetUid, String generation) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean exists(DatasetName name, String datasetUid) {
            return true;
        }
    }

    /** Takes nothing for a while. */
    private final class FailingStore implements ClusterStore {
        @Override
        public <V> TransactionalMap<V> map(String name, Codec<V> codec, Durability durability) {
            return new FailingMap<>();
        }

        @Override
        public <V> DurableQueue<V> queue(String name, Codec<V> codec, int lengthMax) {
            throw new UnsupportedOperationException();
        }

        @Override
        public LeaseTable leases(String name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> T transaction(Supplier<T> work) {
            return work.get();
        }

        @Override
        public String node() {
            return "one";
        }

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public void close() {}
    }

    private final class FailingMap<V> implements TransactionalMap<V> {
        @Override
        public Optional<V> get(String key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void put(String key, V value) {
            if (putsFailing.get() > 0) {
                putsFailing.decrementAndGet();
                throw new HearthException(failure, "the store takes nothing now");
            }
            kept.put(key, value);
        }

        @Override
        public boolean putIfAbsent(String key, V value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean replace(String key, V expected, V update) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean remove(String key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Entry<V>> entries(String prefix, Optional<String> after, int entriesMax) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> keys(String prefix, Optional<String> after, int keysMax) {
            throw new UnsupportedOperationException();
        }
    }
}
