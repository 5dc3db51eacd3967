package io.hearth.launcher.process;

import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.FallbackSource;
import io.hearth.client.MasterApi;
import io.hearth.client.OriginSource;
import io.hearth.client.WorkerDirectory;
import io.hearth.client.intent.IntentMetrics;
import io.hearth.client.intent.IntentSettings;
import io.hearth.client.intent.MasterOrders;
import io.hearth.client.intent.ModelFills;
import io.hearth.client.local.LocalFiles;
import io.hearth.client.local.LocalSettings;
import io.hearth.client.read.LocalReads;
import io.hearth.client.read.StreamedReads;
import io.hearth.client.worker.WorkerSource;
import io.hearth.fuse.Mount;
import io.hearth.fuse.MountSettings;
import io.hearth.launcher.MasterConnection;
import io.hearth.launcher.Trust;
import io.hearth.launcher.process.AdminServer.Port;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.Digests;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;

/** A mount: read path, file system, metrics and health. */
public final class MountProcess implements AutoCloseable {
    private final Lifetime owned;
    private final Mount mount;

    private MountProcess(Lifetime owned, Mount mount) {
        this.owned = owned;
        this.mount = mount;
    }

    /**
     * Mounts and returns when the mount answers. Nothing is left behind where it fails.
     *
     * @param adminPort where metrics and health are; a Unix socket ({@link #adminSocket}) where absent
     * @param onEnd called when the mount was ended from outside
     */
    public static MountProcess start(
            Settings settings,
            DatasetName dataset,
            Path directory,
            Optional<String> refresh,
            Optional<Integer> adminPort,
            Runnable onEnd) {
        ProcessSettings process = settings.get(ProcessSettings.class);
        ClusterToken token = Trust.token(settings);
        Lifetime owned = new Lifetime(process.shutdownTimeout());
        try {
            PrometheusMeterRegistry metrics = ProcessMetrics.empty();
            ClientSettings client = settings.get(ClientSettings.class);
            ClientMetrics clientMetrics = new ClientMetrics(metrics);
            MasterApi masters = owned.own(MasterConnection.open(settings, token));
            OriginSource origin = OriginReads.open(owned, settings, masters, metrics, clientMetrics);
            WorkerDirectory workers = new WorkerDirectory();
            WorkerSource worker = owned.own(new WorkerSource(workers, token, client, clientMetrics));
            FallbackSource source = new FallbackSource(worker, origin, clientMetrics);
            LocalReads local = LocalFiles.start(settings.get(LocalSettings.class), worker, clientMetrics)
                    .<LocalReads>map(owned::own)
                    .orElse(LocalReads.NONE);
            RequestContext context = new RequestContext("", dataset, 0);
            ModelFills models = owned.own(new ModelFills(
                    worker,
                    new MasterOrders(masters, dataset),
                    context,
                    settings.get(IntentSettings.class),
                    new IntentMetrics(metrics),
                    System::nanoTime));
            Mount mount = owned.own(Mount.start(
                    settings.get(MountSettings.class),
                    dataset,
                    directory,
                    refresh,
                    new Mount.Parts(
                            masters,
                            () -> new StreamedReads(source, worker, local, models, context, client, clientMetrics),
                            workers::update,
                            metrics,
                            Clock.systemUTC(),
                            line -> System.err.println("hearth: " + line))));
            ProcessMetrics.bind(metrics);
            worker.prepare();
            // Before anybody reads: from here on the mount can do without masters and without workers.
            mount.generation()
                    .mounts()
                    .forEach(place -> origin.prepare(dataset, place.origin()).join());
            owned.own(
                    adminPort.isPresent()
                            ? AdminServer.onPort(
                                    new Port("127.0.0.1", adminPort.get(), "--admin PORT", token),
                                    metrics,
                                    mount::isAlive,
                                    routes -> {})
                            : AdminServer.onSocket(adminSocket(settings, directory), metrics, mount::isAlive));
            mount.ended().whenComplete((done, failure) -> onEnd.run());
            return new MountProcess(owned, mount);
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    /** The socket of the mount at {@code directory}: a short name, as socket paths have at most 107 bytes. */
    public static Path adminSocket(Settings settings, Path directory) {
        return settings.home().resolve("run").resolve("mount-" + shortName(directory) + ".sock");
    }

    /** Where a mount in the background logs. */
    public static Path log(Settings settings, Path directory) {
        return settings.home().resolve("log").resolve("mount-" + shortName(directory) + ".log");
    }

    private static String shortName(Path directory) {
        byte[] path = directory.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(Digests.sha256().digest(path), 0, 4);
    }

    /** What is mounted, for people: size and number of files. */
    public String summary() {
        return DataSize.format(mount.generation().bytes()) + " in "
                + mount.generation().files() + " files";
    }

    @Override
    public void close() {
        owned.close();
    }
}
