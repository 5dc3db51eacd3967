package io.hearth.worker;

import io.hearth.client.MasterApi;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.api.WorkerLease;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.wire.ResidencyReport;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.roaringbitmap.RoaringBitmap;

/** The worker's part of a master: keeps what is reported by the rules of the report, and can be away. */
final class FakeMaster {
    final List<WorkerRegistration> registrations = new CopyOnWriteArrayList<>();
    /** The last registration or heartbeat. */
    final AtomicReference<WorkerRegistration> told = new AtomicReference<>();

    final List<String> farewells = new CopyOnWriteArrayList<>();
    final List<ResidencyReport> reports = new CopyOnWriteArrayList<>();
    final AtomicInteger refusedReports = new AtomicInteger();
    final Map<ObjectId, RoaringBitmap> held = new ConcurrentHashMap<>();
    volatile boolean away;
    volatile boolean forgetful;
    volatile boolean wantSnapshot;
    /** Answers reports of a worker it does not know by a wish for a snapshot, as after a restart. */
    volatile boolean restarted;

    /** The interface is wide, the worker's part narrow: calls go by name, any other fails. */
    MasterApi api() {
        return (MasterApi) Proxy.newProxyInstance(
                MasterApi.class.getClassLoader(), new Class<?>[] {MasterApi.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    return away
                            ? CompletableFuture.failedFuture(
                                    new HearthException(FailureKind.UNAVAILABLE, "no master answered"))
                            : answer(method.getName(), arguments);
                });
    }

    private CompletableFuture<?> answer(String method, Object[] arguments) {
        switch (method) {
            case "register":
                told.set((WorkerRegistration) arguments[0]);
                registrations.add((WorkerRegistration) arguments[0]);
                forgetful = false;
                restarted = false;
                return lease();
            case "heartbeat":
                told.set((WorkerRegistration) arguments[0]);
                return forgetful ? unknown() : lease();
            case "report":
                return forgetful ? unknown() : take((ResidencyReport) arguments[0]);
            case "deregister":
                farewells.add(arguments[0] + "/" + arguments[1]);
                return CompletableFuture.completedFuture(null);
            default:
                return CompletableFuture.failedFuture(new IllegalStateException("a worker does not call " + method));
        }
    }

    private CompletableFuture<?> unknown() {
        return CompletableFuture.failedFuture(new HearthException(FailureKind.NOT_FOUND, "no such worker"));
    }

    private CompletableFuture<?> take(ResidencyReport sent) {
        ResidencyReport report = ResidencyReport.decode(sent.encode());
        if (restarted) {
            refusedReports.incrementAndGet();
            return CompletableFuture.completedFuture(new WorkerLease(60_000, 90_000, true));
        }
        reports.add(report);
        if (report.snapshot()) {
            held.clear();
        }
        report.objects().forEach(object -> {
            if (object.chunks().isEmpty()) {
                held.remove(object.object());
            } else {
                held.put(object.object(), object.chunks());
            }
        });
        return lease();
    }

    private CompletableFuture<?> lease() {
        boolean want = wantSnapshot;
        wantSnapshot = false;
        return CompletableFuture.completedFuture(new WorkerLease(20, 1000, want));
    }
}
