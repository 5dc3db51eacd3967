package io.hearth.objectstore.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.engine.Permit.Outcome;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.SettingsBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets a turn; the clock stands still unless a test moves it. */
class OriginGateTest {
    private final VirtualTime timer = new VirtualTime();
    private final AtomicLong nowNs = new AtomicLong();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<String> turns = new ArrayList<>();
    private final Deque<Permit> running = new ArrayDeque<>();
    private final List<HearthException> refusals = new ArrayList<>();

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void readersComeBeforeLoadsAndLoadsBeforeSpeculation() {
        OriginGate gate = gate(Map.of("origin.concurrency-start", "1"));
        join(gate, "first", new Claim(Urgency.SPECULATION));
        Claim promoted = new Claim(Urgency.SPECULATION);
        join(gate, "ahead", new Claim(Urgency.SPECULATION));
        join(gate, "promoted", promoted);
        join(gate, "load", new Claim(Urgency.LOAD));
        join(gate, "read", new Claim(Urgency.DEMAND));
        promoted.raise(Urgency.DEMAND);
        finishAll();
        assertEquals(List.of("first", "promoted", "read", "load", "ahead"), turns);
    }

    @Test
    void oneFileLeavesConnectionsToOthers() {
        OriginGate gate = gate(Map.of("origin.concurrency-start", "8", "origin.connections-per-file", "2"));
        for (int i = 0; i < 5; i++) {
            join(gate, "one", new Claim(Urgency.DEMAND));
        }
        join(gate, "other", new Claim(Urgency.SPECULATION));
        assertEquals(List.of("one", "one", "other"), turns);
        finishAll();
        assertEquals(6, turns.size());
    }

    @Test
    void aRefusalLowersTheLevelToWhatTheOriginBore() {
        OriginGate gate = gate(Map.of("origin.concurrency-start", "4"));
        for (int i = 0; i < 8; i++) {
            join(gate, "range" + i, new Claim(Urgency.LOAD));
        }
        assertEquals(4, turns.size());
        running.poll().release(Outcome.REFUSED);
        assertEquals(4, turns.size(), "another was asked at the level that had just been refused");
        running.poll().release(Outcome.GIVEN);
        assertEquals(5, turns.size());
        finishAll();
        assertEquals(8, turns.size());
    }

    @Test
    void aDatasetOverItsBudgetWaitsAndOthersDoNot() {
        OriginGate gate = gate(Map.of("origin.dataset-rate", "1MiB"));
        OriginLane greedy = gate.lane("greedy", "f", new Claim(Urgency.DEMAND));
        join(gate, greedy, "greedy");
        gate.spend(greedy, 3 << 20);
        join(gate, greedy, "greedy again");
        join(gate, gate.lane("modest", "g", new Claim(Urgency.SPECULATION)), "modest");
        assertEquals(List.of("greedy", "modest"), turns);
        nowNs.addAndGet(2_500_000_000L);
        finishAll();
        assertEquals(List.of("greedy", "modest", "greedy again"), turns);
    }

    @Test
    void afterManyFailuresSpeculationIsRefusedLoadsWaitAndReadersTry() {
        OriginGate gate = gate(Map.of("origin.breaker-failures", "3"));
        for (int i = 0; i < 3; i++) {
            join(gate, "lost", new Claim(Urgency.DEMAND));
            running.poll().release(Outcome.FAILED);
        }
        assertEquals(1, meters.get("hearth.origin.breakers.open").gauge().value());
        join(gate, "ahead", new Claim(Urgency.SPECULATION));
        assertEquals(FailureKind.UNAVAILABLE, refusals.get(0).kind());
        assertTrue(refusals.get(0).getMessage().contains("the origin failed 3 times in a row"), refusals::toString);
        join(gate, "load", new Claim(Urgency.LOAD));
        join(gate, "read", new Claim(Urgency.DEMAND));
        assertEquals("read", turns.get(turns.size() - 1));
        finishAll();
        assertEquals("load", turns.get(turns.size() - 1), "a reader's success closes the breaker for loads");
        assertEquals(0, meters.get("hearth.origin.breakers.open").gauge().value());
    }

    @Test
    void anOriginThatRefusesASingleRequestIsInTrouble() {
        OriginGate gate = gate(Map.of("origin.breaker-failures", "3", "origin.concurrency-start", "2"));
        join(gate, "one", new Claim(Urgency.DEMAND));
        join(gate, "two", new Claim(Urgency.DEMAND));
        running.poll().release(Outcome.REFUSED);
        running.poll().release(Outcome.REFUSED);
        join(gate, "three", new Claim(Urgency.DEMAND));
        running.poll().release(Outcome.REFUSED);
        assertEquals(0, meters.get("hearth.origin.breakers.open").gauge().value(), "two of three were alone");
        join(gate, "four", new Claim(Urgency.DEMAND));
        running.poll().release(Outcome.REFUSED);
        assertEquals(1, meters.get("hearth.origin.breakers.open").gauge().value());
    }

    @Test
    void anIdleGateLeavesTheMetrics() {
        OriginGate gate = gate(Map.of("origin.concurrency-start", "4"));
        join(gate, "runs", new Claim(Urgency.DEMAND));
        assertFalse(gate.retire(), "a gate in use was forgotten");
        finishAll();
        assertTrue(gate.retire());
        assertEquals(0, meters.get("hearth.origin.concurrency").gauge().value());
        assertEquals(0, meters.get("hearth.origin.ceiling").gauge().value());
    }

    @Test
    void aFullQueueSaysSo() {
        OriginGate gate = gate(Map.of("origin.concurrency-start", "1", "origin.queue", "1"));
        join(gate, "runs", new Claim(Urgency.DEMAND));
        join(gate, "waits", new Claim(Urgency.DEMAND));
        join(gate, "too many", new Claim(Urgency.DEMAND));
        assertEquals(FailureKind.OVERLOADED, refusals.get(0).kind());
        finishAll();
        assertEquals(List.of("runs", "waits"), turns);
        assertEquals(0, meters.get("hearth.origin.waiting").gauge().value());
    }

    private void finishAll() {
        for (Permit permit = running.poll(); permit != null; permit = running.poll()) {
            permit.release(Outcome.GIVEN);
        }
    }

    private void join(OriginGate gate, String file, Claim claim) {
        join(gate, gate.lane("dataset", file, claim), file);
    }

    private void join(OriginGate gate, OriginLane lane, String name) {
        gate.join(lane, new OriginQueue.Waiter() {
            @Override
            public boolean granted(Permit permit) {
                turns.add(name);
                running.add(permit);
                return false;
            }

            @Override
            public long leftBytes() {
                return 1;
            }

            @Override
            public void refused(HearthException why) {
                refusals.add(why);
            }
        });
    }

    private OriginGate gate(Map<String, String> values) {
        OriginSettings settings = new SettingsBinder(Path.of("")).bind(OriginSettings.class, new HashMap<>(values));
        return new OriginGate("the origin", settings, new OriginMetrics(meters), new Random(1), timer, nowNs::get);
    }
}
