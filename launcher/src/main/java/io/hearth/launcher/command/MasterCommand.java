package io.hearth.launcher.command;

import io.hearth.launcher.process.Lifetime;
import io.hearth.launcher.process.MasterProcess;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth master}. */
@Command(
        name = "master",
        mixinStandardHelpOptions = true,
        description = "Run a master: datasets, generations, workers and the HTTP API.")
final class MasterCommand implements Callable<Integer> {
    @Mixin
    private SettingsOptions options;

    @Override
    public Integer call() throws Exception {
        Settings settings = options.load();
        Lifetime lifetime = new Lifetime(settings.get(ProcessSettings.class).shutdownTimeout()).endOnSignal();
        MasterProcess master = lifetime.own(MasterProcess.start(settings));
        System.out.println("master ready at " + master.uri() + ", state in " + settings.home());
        System.out.flush();
        lifetime.awaitEnd();
        return 0;
    }
}
