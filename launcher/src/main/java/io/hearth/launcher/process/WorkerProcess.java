package io.hearth.launcher.process;

import io.hearth.client.ClientMetrics;
import io.hearth.client.MasterApi;
import io.hearth.client.OriginSource;
import io.hearth.launcher.MasterConnection;
import io.hearth.launcher.Trust;
import io.hearth.launcher.process.AdminServer.Port;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;
import io.hearth.objectstore.OriginSettings;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.worker.Worker;
import io.hearth.worker.WorkerConfig;
import io.hearth.worker.WorkerSettings;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;

/** A worker: tiers, fills, data plane, its place in the cluster, its HTTP side. */
public final class WorkerProcess implements AutoCloseable {
    private final Lifetime owned;
    private final Worker worker;
    private final URI adminUri;
    private final PrometheusMeterRegistry metrics;
    private final OriginSettings originSettings;

    private WorkerProcess(
            Lifetime owned,
            Worker worker,
            URI adminUri,
            PrometheusMeterRegistry metrics,
            OriginSettings originSettings) {
        this.owned = owned;
        this.worker = worker;
        this.adminUri = adminUri;
        this.metrics = metrics;
        this.originSettings = originSettings;
    }

    /** Starts and returns when the data plane serves. Nothing is left behind where it fails. */
    public static WorkerProcess start(Settings settings) {
        ProcessSettings process = settings.get(ProcessSettings.class);
        WorkerSettings workerSettings = settings.get(WorkerSettings.class);
        ClusterToken token = Trust.token(settings);
        Trust.requireFor("worker.host", workerSettings.host(), token);
        requireReachable(workerSettings);
        OriginSettings originSettings = settings.get(OriginSettings.class);
        workerSettings.requireReserved(
                originSettings.connectionsMax(), originSettings.readBuffer().bytes());
        Lifetime owned = new Lifetime(process.shutdownTimeout());
        try {
            PrometheusMeterRegistry metrics = ProcessMetrics.start();
            ClientMetrics clientMetrics = new ClientMetrics(metrics);
            MasterApi masters = owned.own(MasterConnection.open(settings, token));
            OriginSource origin = OriginReads.open(owned, settings, masters, metrics, clientMetrics);
            AtomicInteger adminPort = new AtomicInteger();
            Worker worker = owned.own(Worker.start(
                    WorkerConfig.of(settings::get),
                    masters,
                    token,
                    origin,
                    metrics,
                    Clock.systemUTC(),
                    adminPort::get));
            AdminServer server = owned.own(AdminServer.onPort(
                    new Port(workerSettings.host(), workerSettings.adminPort(), "--set worker.admin-port=PORT", token),
                    metrics,
                    worker::ready,
                    worker::faults,
                    worker::install));
            adminPort.set(server.port());
            URI adminUri = URI.create("http://" + workerSettings.host() + ":" + server.port());
            return new WorkerProcess(owned, worker, adminUri, metrics, originSettings);
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    /** Others are told an address; every address is none. */
    private static void requireReachable(WorkerSettings worker) {
        if (worker.advertisedHost().isEmpty()
                && new InetSocketAddress(worker.host(), 0).getAddress().isAnyLocalAddress()) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "setting worker.host: " + worker.host()
                            + " is every address of this node: set worker.advertised-host to"
                            + " the one by which others reach it");
        }
    }

    /**
     * Makes the origin's client ready in the background, so that the first reader finds it as fast as later ones do.
     */
    public void rehearse() {
        owned.own(OriginRehearsal.start(originSettings));
    }

    /** Whether a master knows this worker, so that new mounts will read through it. */
    public boolean registered() {
        return worker.registered();
    }

    public int dataPort() {
        return worker.dataPort();
    }

    /** Where metrics and health are. */
    public URI adminUri() {
        return adminUri;
    }

    /** Bytes received from origins since the start. */
    public long originBytes() {
        return Math.round(metrics.get("hearth.origin.read").counter().count());
    }

    @Override
    public void close() {
        owned.close();
    }
}
