package io.hearth.launcher.command;

import io.hearth.launcher.process.Lifetime;
import io.hearth.launcher.process.WorkerProcess;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth worker}. */
@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        description = "Run a worker: lend this node's memory and disk to the cache.",
        subcommands = {
            WorkerStatusCommand.class,
            WorkerYieldCommand.class,
            WorkerDrainCommand.class,
            WorkerResumeCommand.class
        })
final class WorkerCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions options;

    @Override
    public Integer call() throws Exception {
        Settings settings = options.settings();
        Lifetime lifetime = new Lifetime(settings.get(ProcessSettings.class).shutdownTimeout()).endOnSignal();
        WorkerProcess worker = lifetime.own(WorkerProcess.start(settings));
        System.out.println("worker ready: data on " + worker.adminUri().getHost() + ":" + worker.dataPort()
                + ", metrics and health on " + worker.adminUri());
        System.out.flush();
        worker.rehearse();
        lifetime.awaitEnd();
        return 0;
    }
}
