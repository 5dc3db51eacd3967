package io.hearth.launcher.process;

import io.hearth.cluster.ClusterSettings;
import io.hearth.cluster.IgniteClusterStore;
import io.hearth.launcher.Trust;
import io.hearth.launcher.process.AdminServer.Port;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;
import io.hearth.master.Master;
import io.hearth.master.MasterSettings;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.s3.S3ObjectStores;
import io.hearth.prefetch.LoadSettings;
import io.hearth.prefetch.Loads;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.time.Clock;

/** A master: cluster store, catalog, load engine, HTTP API. */
public final class MasterProcess implements AutoCloseable {
    private final Lifetime owned;
    private final URI uri;

    private MasterProcess(Lifetime owned, URI uri) {
        this.owned = owned;
        this.uri = uri;
    }

    /** Starts and returns when the API answers. Nothing is left behind where it fails. */
    public static MasterProcess start(Settings settings) {
        ProcessSettings process = settings.get(ProcessSettings.class);
        ClusterSettings cluster = settings.get(ClusterSettings.class);
        ClusterToken token = Trust.token(settings);
        Trust.requireFor("master.bind", process.masterBind(), token);
        Trust.requireLoopback("cluster.host", cluster.host());
        Lifetime owned = new Lifetime(process.shutdownTimeout());
        try {
            PrometheusMeterRegistry metrics = ProcessMetrics.start();
            Clock clock = Clock.systemUTC();
            IgniteClusterStore store = owned.own(IgniteClusterStore.open(cluster, clock));
            S3ObjectStores origins =
                    owned.own(new S3ObjectStores(settings.get(OriginSettings.class), new OriginMetrics(metrics)));
            Master master =
                    owned.own(Master.start(settings.get(MasterSettings.class), store, origins, metrics, clock, token));
            Loads loads =
                    owned.own(Loads.start(settings.get(LoadSettings.class), master, store, metrics, clock, token));
            AdminServer server = owned.own(AdminServer.onPort(
                    new Port(process.masterBind(), process.masterPort(), "--set master.port=PORT", token),
                    metrics,
                    master::ready,
                    routes -> master.install(routes, loads.api())));
            return new MasterProcess(owned, URI.create("http://" + process.masterBind() + ":" + server.port()));
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    /** Where the API is. */
    public URI uri() {
        return uri;
    }

    @Override
    public void close() {
        owned.close();
    }
}
