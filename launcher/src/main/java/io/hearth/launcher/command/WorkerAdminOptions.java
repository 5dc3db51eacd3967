package io.hearth.launcher.command;

import io.hearth.launcher.Trust;
import io.hearth.launcher.process.WorkerAdmin;
import io.hearth.launcher.settings.Settings;
import io.hearth.protocol.api.LendingOrder;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of every command that talks to one worker. */
final class WorkerAdminOptions {
    @Mixin
    private SettingsOptions settings;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--admin",
            paramLabel = "URL",
            description = "The worker's admin port (default: settings 'worker.host' and 'worker.admin-port',"
                    + " http://127.0.0.1:7072).")
    private Optional<URI> admin = Optional.empty();

    WorkerAdmin worker() {
        Settings loaded = settings.load();
        return admin.map(uri -> new WorkerAdmin(uri, Trust.token(loaded)))
                .orElseGet(() -> WorkerAdmin.byTheSettings(loaded));
    }

    OutputOption output() {
        return output;
    }

    /** Gives the order and prints the one line, or the document. */
    int order(LendingOrder order, Function<LendingOrder.Result, String> line) {
        LendingOrder.Result result = worker().order(order);
        output.print(result, () -> line.apply(result) + "\n");
        return 0;
    }
}
