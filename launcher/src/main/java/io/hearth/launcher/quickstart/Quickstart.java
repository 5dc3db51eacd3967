package io.hearth.launcher.quickstart;

import io.hearth.client.MasterApi;
import io.hearth.launcher.MasterConnection;
import io.hearth.launcher.command.FirstListing;
import io.hearth.launcher.output.DatasetTables;
import io.hearth.launcher.output.Format;
import io.hearth.launcher.output.LoadTables;
import io.hearth.launcher.output.Percentage;
import io.hearth.launcher.process.Lifetime;
import io.hearth.launcher.process.MasterProcess;
import io.hearth.launcher.process.WorkerProcess;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.DatasetStatus;
import io.hearth.protocol.api.Eviction;
import io.hearth.protocol.settings.DataSize;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The story of the quickstart: servers in this JVM, a dataset over the sample or the user's bucket, a mount in a second
 * process, a reader in a third; read cold, evict, load, mount anew, read warm, compare every byte with the source.
 */
public final class Quickstart {
    private static final DatasetName DATASET = new DatasetName(DatasetName.DEFAULT_NAMESPACE, "quickstart");
    private static final Duration LISTING_BOUND = Duration.ofMinutes(10);

    private final Stage stage;
    private final QuickstartOptions options;
    private final PrintStream told;
    private final PrintStream notices;

    private Quickstart(Stage stage, QuickstartOptions options, PrintStream told, PrintStream notices) {
        this.stage = stage;
        this.options = options;
        this.told = told;
        this.notices = notices;
    }

    /**
     * Runs the story; without {@code --once} it then stays up until the process is told to end.
     *
     * @return whether every byte matched
     */
    public static boolean run(Settings settings, QuickstartOptions options, PrintStream out, PrintStream err)
            throws Exception {
        try (Lifetime lifetime = new Lifetime(
                        settings.get(ProcessSettings.class).shutdownTimeout().multipliedBy(3))
                .endOnSignal()) {
            try {
                return run(settings, options, lifetime, out, err);
            } catch (Exception e) {
                if (!lifetime.closing()) {
                    throw e instanceof IOException io ? unwritten(io) : e;
                }
                lifetime.awaitEnd(); // Told to end: that is why the story broke off.
                return false;
            }
        }
    }

    private static HearthException unwritten(IOException e) {
        return new HearthException(
                FailureKind.INTERNAL,
                "the quickstart cannot write its files (" + e
                        + "): make room, or choose another folder with HEARTH_HOME",
                e);
    }

    private static boolean run(
            Settings settings, QuickstartOptions options, Lifetime lifetime, PrintStream out, PrintStream err)
            throws Exception {
        Stage stage = Stage.build(settings, options, lifetime);
        PrintStream told = options.format() == Format.table ? out : err;
        Quickstart story = new Quickstart(stage, options, told, err);
        QuickstartReport report = story.tell(lifetime, out);
        if (!options.once()) {
            story.stayUp(lifetime);
        }
        return report.sha256Match();
    }

    private QuickstartReport tell(Lifetime lifetime, PrintStream out) throws Exception {
        line("", "Hearth on one machine: an S3 server, a master, a worker, a mount and a reader");
        // First, since it holds the home: a second quickstart there must not touch the sample and keys of the first.
        MasterProcess master = lifetime.start(() -> MasterProcess.start(stage.settings()));
        stage.useMaster(master.uri());
        line("master", master.uri().toString());
        Source source = Source.prepare(stage, options, lifetime, notices);
        line("source", source.uri());
        WorkerProcess worker = lifetime.start(() -> WorkerProcess.start(stage.settings()));
        line("worker", "data on 127.0.0.1:" + worker.dataPort() + ", metrics at " + worker.adminUri() + "/metrics");
        stage.await("the worker to register with the master", worker::registered);
        MasterApi api = lifetime.own(MasterConnection.open(stage.settings()));
        DatasetStatus dataset = declare(api, source.spec());
        line(
                "dataset",
                DATASET + ", " + DataSize.format(dataset.ufsTotalBytes()) + " in " + dataset.files() + " files");
        Map<String, String> expected = source.digests(api, DATASET, notices);

        Reading cold = read(lifetime, worker, "cold read");
        evict(api);
        WarmUp warmUp = load(api);
        DatasetStatus loaded = stage.awaitReported(api, DATASET, cold.result().bytes());
        table(LoadTables.list(List.of(warmUp.load()), Instant.now()));
        table(DatasetTables.list(List.of(loaded), Instant.now()));
        told.println();
        Reading warm = read(lifetime, worker, "warm read");
        boolean match = cold.result().sha256().equals(expected)
                && warm.result().sha256().equals(expected);
        line(
                "sha-256",
                match
                        ? expected.size() + " of " + expected.size() + " files are the origin's, byte for byte"
                        : "MISMATCH: "
                                + Mismatch.describe(
                                        expected,
                                        cold.result().sha256(),
                                        warm.result().sha256()));
        double factor = cold.result().seconds() / warm.result().seconds();
        line("factor", String.format(Locale.ROOT, "warm is %.1f times as fast", factor));

        QuickstartReport report = new QuickstartReport(
                cold.result().bytes(),
                expected.size(),
                cold.result().seconds(),
                warmUp.seconds(),
                warm.result().seconds(),
                cold.originBytes(),
                warm.originBytes(),
                warmUp.load().phase(),
                Percentage.floor(loaded.cachedPercentage()),
                match);
        out.print(options.format().text(report, () -> ""));
        out.flush();
        return report;
    }

    private void evict(MasterApi api) {
        Eviction.Result dropped =
                api.evict(DATASET, new Eviction.Request(Optional.empty())).join();
        line("evict", DataSize.format(dropped.bytes()) + " dropped from the worker");
    }

    private WarmUp load(MasterApi api) {
        WarmUp warmUp = WarmUp.run(api, DATASET, notices);
        line(
                "load",
                String.format(
                        Locale.ROOT,
                        "%s in %.2f s (%s/s), read back and verified",
                        DataSize.format(warmUp.load().bytes().total()),
                        warmUp.seconds(),
                        DataSize.format(warmUp.bytesPerSecond())));
        return warmUp;
    }

    private void table(String table) {
        told.println();
        told.print(table);
        told.flush();
    }

    /** Creates the dataset, or takes over the one of an earlier run, and makes sure that nothing of it is cached. */
    private DatasetStatus declare(MasterApi api, DatasetSpec spec) {
        try {
            api.create(DATASET, spec).join();
        } catch (RuntimeException e) {
            HearthException failure = HearthException.of(e);
            if (failure.kind() != FailureKind.CONFLICT) {
                throw failure;
            }
            api.update(DATASET, spec).join();
            api.refresh(DATASET).join();
            api.evict(DATASET, new Eviction.Request(Optional.empty())).join();
        }
        DatasetStatus listed = FirstListing.await(api, DATASET, LISTING_BOUND, notices);
        if (listed.phase().equals(DatasetStatus.FAILED)) {
            throw new HearthException(
                    FailureKind.UNAVAILABLE,
                    "the origin cannot be listed: " + listed.message().orElse("no reason given"));
        }
        return listed;
    }

    private record Reading(TreeReader.Result result, long originBytes) {}

    /** Mounts anew, so that neither the mount's memory nor the kernel's pages of it answer, and reads everything. */
    private Reading read(Lifetime lifetime, WorkerProcess worker, String name) throws Exception {
        PageCache.drop();
        try (Mounted mounted = Mounted.start(stage, DATASET, options.once() || name.startsWith("cold"), lifetime)) {
            long before = worker.originBytes();
            TreeReader.Result result = mounted.read(stage, lifetime);
            long originBytes = worker.originBytes() - before + mounted.originBytes();
            line(
                    name,
                    String.format(
                            Locale.ROOT,
                            "%s in %.2f s (%s/s), %s of it from the origin",
                            DataSize.format(result.bytes()),
                            result.seconds(),
                            DataSize.format((long) (result.bytes() / result.seconds())),
                            DataSize.format(originBytes)));
            return new Reading(result, originBytes);
        }
    }

    private void stayUp(Lifetime lifetime) throws InterruptedException {
        told.println();
        told.println("The mount stays at " + stage.mountPoint() + " until Ctrl-C. From another terminal:");
        told.println("  ls -l " + stage.mountPoint());
        told.println("  bin/hearth dataset list" + stage.masterFlag());
        told.println("  bin/hearth load list" + stage.masterFlag());
        told.println("  bin/hearth where quickstart" + stage.masterFlag());
        told.flush();
        lifetime.awaitEnd();
    }

    private void line(String name, String text) {
        told.println(name.isEmpty() ? text : String.format("  %-10s %s", name, text));
        told.flush();
    }
}
