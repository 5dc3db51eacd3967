package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.server.Server;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.Eviction;
import io.hearth.protocol.api.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerMembershipTest {
    @TempDir
    Path home;

    @Test
    void aMasterLearnsWhatIsHeldAndWhatLeft() throws Exception {
        ObjectRef object = FakeOrigin.object("told", 3 << 20);
        try (WorkerRig rig = new WorkerRig(home, Map.of())) {
            WorkerRig.await("registration", () -> rig.worker.registered());
            try (WireClient client = rig.client()) {
                WorkerServingTest.readAll(client, object);
            }
            WorkerRig.await(
                    "three chunks told",
                    () -> rig.master.held.containsKey(object.id())
                            && rig.master.held.get(object.id()).getCardinality() == 3);
            assertEquals(new Eviction.Result(1, 3 << 20), evict(rig, object));
            WorkerRig.await("the eviction told", () -> rig.master.held.isEmpty());
            for (int i = 0; i < rig.master.reports.size(); i++) {
                assertEquals(i + 1, rig.master.reports.get(i).sequence());
            }
        }
    }

    @Test
    void aSnapshotIsSentWhenTheMasterWantsOneOrForgot() throws Exception {
        ObjectRef object = FakeOrigin.object("told", Geometry.CHUNK_BYTES);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            WorkerServingTest.readAll(client, object);
            WorkerRig.await("the object told", () -> rig.master.held.containsKey(object.id()));
            rig.master.held.clear();
            rig.master.wantSnapshot = true;
            WorkerRig.await("a snapshot", () -> rig.master.held.containsKey(object.id()));
            rig.master.held.clear();
            rig.master.forgetful = true;
            WorkerRig.await(
                    "registration again and a snapshot",
                    () -> rig.master.registrations.size() == 2 && rig.master.held.containsKey(object.id()));
        }
    }

    @Test
    void aMasterThatStartedAnewLearnsAllWithoutAStormOfReports() throws Exception {
        ObjectRef object = FakeOrigin.object("told", Geometry.CHUNK_BYTES);
        try (WorkerRig rig = new WorkerRig(home, Map.of());
                WireClient client = rig.client()) {
            WorkerServingTest.readAll(client, object);
            WorkerRig.await("the object told", () -> rig.master.held.containsKey(object.id()));
            rig.master.held.clear();
            rig.master.restarted = true;
            WorkerServingTest.readAll(client, FakeOrigin.object("more", Geometry.CHUNK_BYTES));
            WorkerRig.await("all is told again", () -> rig.master.held.size() == 2);
            assertEquals(2, rig.master.registrations.size());
            assertTrue(rig.master.refusedReports.get() <= 2, rig.master.refusedReports + " reports refused");
        }
    }

    @Test
    void aWorkerThatStopsSaysGoodBye() throws Exception {
        WorkerRig rig = new WorkerRig(home, Map.of());
        WorkerRig.await("registration", () -> rig.worker.registered());
        rig.close();
        assertEquals(List.of(rig.worker.id() + "/1"), rig.master.farewells);
    }

    @Test
    void servingNeedsNoMaster() throws Exception {
        ObjectRef object = FakeOrigin.object("alone", 2 << 20);
        try (WorkerRig rig = new WorkerRig(home, Map.of())) {
            rig.master.away = true;
            try (WireClient client = rig.client()) {
                WorkerServingTest.readAll(client, object);
            }
            assertTrue(rig.worker.ready());
            rig.master.away = false;
            WorkerRig.await("what was missed is told", () -> rig.master.held.containsKey(object.id()));
        }
    }

    @Test
    void aSecondWorkerOnTheSameDirectoriesGetsOneClearLine() {
        try (WorkerRig rig = new WorkerRig(home, Map.of())) {
            HearthException sameHome = assertThrows(HearthException.class, () -> new WorkerRig(home, Map.of()).close());
            assertEquals(FailureKind.CONFLICT, sameHome.kind());
            HearthException sameTier = assertThrows(
                    HearthException.class,
                    () -> new WorkerRig(
                                    home,
                                    Map.of(
                                            "worker.directory",
                                            home.resolve("other").toString()))
                            .close());
            assertEquals(FailureKind.CONFLICT, sameTier.kind());
            assertTrue(sameTier.getMessage().contains("in use by another worker"), sameTier.getMessage());
            HearthException samePort = assertThrows(
                    HearthException.class,
                    () -> new WorkerRig(
                                    home.resolve("elsewhere"),
                                    Map.of("worker.data-port", Integer.toString(rig.worker.dataPort())))
                            .close());
            assertTrue(samePort.getMessage().contains("cannot listen"), samePort.getMessage());
        }
        new WorkerRig(home, Map.of()).close();
    }

    private static Eviction.Result evict(WorkerRig rig, ObjectRef object) {
        var builder = Server.builder().http(0);
        rig.worker.install(builder);
        Server server = builder.build();
        server.start().join();
        try {
            WebClient client = WebClient.of("http://127.0.0.1:" + server.activeLocalPort());
            AggregatedHttpResponse bad = client.post("/v1/evictions", "{\"objects\":[\"zz\"]}")
                    .aggregate()
                    .join();
            assertEquals(400, bad.status().code());
            byte[] order = Json.write(new Eviction.Order(List.of(object.id().toString())));
            AggregatedHttpResponse answer =
                    client.post("/v1/evictions", order).aggregate().join();
            return Json.read(answer.contentUtf8(), Eviction.Result.class);
        } finally {
            server.stop().join();
        }
    }
}
