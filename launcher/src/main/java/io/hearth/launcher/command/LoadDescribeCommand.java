package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.launcher.MasterConnection;
import io.hearth.launcher.output.LoadTables;
import io.hearth.protocol.api.LoadStatus;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth load describe}. */
@Command(name = "describe", mixinStandardHelpOptions = true, description = "Show all about one load.")
final class LoadDescribeCommand implements Callable<Integer> {
    @Mixin
    private NamedLoad load;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        try (MasterApi api = MasterConnection.open(load.master.settings())) {
            LoadStatus status = load.find(api);
            output.print(status, () -> LoadTables.describe(status, Instant.now()));
            return 0;
        }
    }
}
