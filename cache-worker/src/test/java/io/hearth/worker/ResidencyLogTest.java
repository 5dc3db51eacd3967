package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.wire.ResidencyReport;
import io.hearth.protocol.wire.ResidencyReport.HeldObject;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.FileTierIo;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierStore;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResidencyLogTest {
    @Test
    void whatDoesNotFitOneReportFollowsInTheNext() {
        TierStore store = TierStore.open(
                List.of(),
                TierEnvironment.of(new FileTierIo(), TierEvents.NONE, Runnable::run, Clock.systemUTC(), 1, 1),
                () -> EvictionChoice.S3_FIFO.policy(100));
        ResidencyLog log = new ResidencyLog();
        int objects = ResidencyReport.OBJECTS_MAX + 1000;
        for (int i = 0; i < objects; i++) {
            log.changed(
                    ObjectId.of(ByteBuffer.allocate(ObjectId.BYTES).putInt(i).array()));
        }
        List<HeldObject> first = log.next(store, false);
        assertTrue(first.size() <= ResidencyReport.OBJECTS_MAX);
        assertTrue(new ResidencyReport("w", 1, 1, false, first).encode().length <= ResidencyReport.BYTES_MAX);
        assertTrue(log.more());
        assertEquals(1000, log.next(store, false).size());
        assertFalse(log.more());
        assertTrue(log.quiet());
    }
}
