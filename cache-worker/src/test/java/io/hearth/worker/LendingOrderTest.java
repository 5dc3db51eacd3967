package io.hearth.worker;

import static io.hearth.worker.FakeOrigin.object;
import static io.hearth.worker.ShareRig.order;
import static io.hearth.worker.ShareRig.positions;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LendingOrder;
import io.hearth.protocol.api.LendingStatus;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.WorkerRegistration;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a platform and a person see of lending: the admin port, the master's list, readers, loads. */
class LendingOrderTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path home;

    @Test
    void anOrderGivesBytesBackTellsTheMasterAndReadersGoOn() throws Exception {
        ObjectRef object = object("lent", 9 * MIB);
        try (ShareRig rig = new ShareRig(home, Map.of());
                WireClient reader = rig.rig.client()) {
            WorkerServingTest.readAll(reader, object);
            WorkerRig.await("all is told", () -> rig.rig.master.held.containsKey(object.id()));
            LendingStatus before = status(rig);
            assertEquals(LendingStatus.LENDING, before.state());
            assertEquals(64L * MIB, before.tiers().get(0).allowanceBytes());
            assertEquals(64L * MIB, told(rig).tiers().get(0).quotaBytes());

            LendingOrder.Result result = give(rig, LendingOrder.give("64MiB"));
            assertEquals(9L * MIB, result.freedBytes() + result.zombieBytes());
            assertEquals(1, result.files());
            LendingStatus now = status(rig);
            assertEquals(LendingStatus.YIELDING, now.state());
            assertEquals("asked for 64MiB of MEM", now.reason());
            assertEquals(0, now.tiers().get(0).allowanceBytes());
            // The state is told at once, what is left when it is known.
            WorkerRig.await(
                    "the master knows the state and plans loads with what is lent now",
                    () -> told(rig).lending().equals(LendingStatus.YIELDING)
                            && told(rig).tiers().get(0).quotaBytes() == 0);
            WorkerRig.await("the master knows what is gone", () -> rig.rig.master.held.isEmpty());

            WorkerServingTest.readAll(reader, object);
            assertEquals(0, status(rig).tiers().get(0).usedBytes(), "bytes pass through and are not kept");
            give(rig, LendingOrder.resumed());
            WorkerServingTest.readAll(reader, object);
            assertEquals(9L * MIB, status(rig).tiers().get(0).usedBytes());
            WorkerRig.await(
                    "the master knows that too", () -> told(rig).lending().equals(LendingStatus.LENDING));
        }
    }

    @Test
    void aShareOfALoadIsNoLongerResidentAndSaysSo() throws Exception {
        ObjectRef first = object("first", 3 * MIB);
        ObjectRef second = object("second", 2 * MIB);
        try (ShareRig rig = new ShareRig(home, Map.of())) {
            rig.put("s", order(first, second));
            rig.await("s", LoadShare.Stage.RESERVED);
            rig.fill("s");
            rig.await("s", LoadShare.Stage.FILLED);
            rig.verify("s");
            assertEquals(
                    List.of(0, 1),
                    positions(rig.await("s", LoadShare.Stage.VERIFIED).verified()));

            // The larger of two leased files is enough, and the smaller stays.
            LendingOrder.Result result = give(rig, LendingOrder.give("1MiB"));
            assertEquals(1, result.leasedFiles());
            LoadShare.Status now = rig.await("s", LoadShare.Stage.VERIFIED);
            assertEquals(List.of(1), positions(now.resident()));
            assertEquals(List.of(1), positions(now.verified()));

            give(rig, LendingOrder.resumed());
            rig.delete("s");
            rig.put("t", order(first, second));
            rig.await("t", LoadShare.Stage.RESERVED);
            rig.fill("t");
            assertEquals(
                    List.of(0, 1),
                    positions(rig.await("t", LoadShare.Stage.FILLED).resident()),
                    "repaired");
        }
    }

    @Test
    void aDrainingWorkerServesWhatItHasAndRefusesALoad() throws Exception {
        ObjectRef here = object("here", 2 * MIB);
        ObjectRef late = object("late", 2 * MIB);
        try (ShareRig rig = new ShareRig(home, Map.of());
                WireClient reader = rig.rig.client()) {
            WorkerServingTest.readAll(reader, here);
            give(rig, LendingOrder.drain(true));
            int fetched = rig.rig.origin.fetches.get();
            WorkerServingTest.readAll(reader, here);
            assertEquals(fetched, rig.rig.origin.fetches.get(), "from the tier");
            WorkerServingTest.readAll(reader, late);
            assertEquals(1, rig.gauge("hearth.worker.objects"), "passed through");
            rig.put("s", order(late));
            LoadShare.Status refused = rig.await("s", LoadShare.Stage.REFUSED);
            assertTrue(refused.message().orElseThrow().contains("the worker drains"), refused.message()::get);
            WorkerRig.await("the master knows", () -> told(rig).lending().equals(LendingStatus.DRAINING));
            give(rig, LendingOrder.drain(false));
            WorkerServingTest.readAll(reader, late);
            assertEquals(2, rig.gauge("hearth.worker.objects"));
        }
    }

    @Test
    void whatMakesNoSenseIsRefusedInOneLine() {
        try (ShareRig rig = new ShareRig(home, Map.of())) {
            for (String order : List.of(
                    "{}",
                    "{\"give\": \"2GiB\", \"drain\": true}",
                    "{\"give\": \"much\"}",
                    "{\"give\": \"0\"}",
                    "{\"give\": \"1\", \"medium\": \"TAPE\"}",
                    "{\"medium\": \"SSD\", \"drain\": true}",
                    "{\"resume\": false}",
                    "{\"busy\": \"9999d\"}")) {
                AggregatedHttpResponse answer = post(rig, order.getBytes(StandardCharsets.UTF_8));
                assertEquals(400, answer.status().code(), order);
            }
            AggregatedHttpResponse busy = post(rig, Json.write(LendingOrder.busy("10m")));
            assertEquals(409, busy.status().code());
            String line = Json.read(busy.contentUtf8(), ErrorDocument.class).message();
            assertTrue(line.contains("worker.lend.network-busy-rate"), line);
            assertEquals(LendingStatus.LENDING, status(rig).state(), "nothing half-made");
        }
    }

    /** What the master was told last. */
    private static WorkerRegistration told(ShareRig rig) {
        return rig.rig.master.told.get();
    }

    private static LendingStatus status(ShareRig rig) {
        AggregatedHttpResponse answer =
                rig.admin().get("/v1/lending").aggregate().join();
        return Json.read(answer.contentUtf8(), LendingStatus.class);
    }

    private static LendingOrder.Result give(ShareRig rig, LendingOrder order) {
        AggregatedHttpResponse answer = post(rig, Json.write(order));
        assertEquals(200, answer.status().code(), answer.contentUtf8());
        return Json.read(answer.contentUtf8(), LendingOrder.Result.class);
    }

    private static AggregatedHttpResponse post(ShareRig rig, byte[] order) {
        return rig.admin().post("/v1/lending", order).aggregate().join();
    }
}
