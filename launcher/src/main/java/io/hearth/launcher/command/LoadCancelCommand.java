package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.launcher.MasterConnection;
import io.hearth.launcher.output.LoadTables;
import io.hearth.protocol.api.LoadStatus;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth load cancel}. */
@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        description = "End a load; what it has made resident stays until it is evicted.")
final class LoadCancelCommand implements Callable<Integer> {
    @Mixin
    private NamedLoad load;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        try (MasterApi api = MasterConnection.open(load.master.settings())) {
            LoadStatus found = load.find(api);
            LoadStatus status =
                    api.cancelLoad(NamedLoad.dataset(found), found.name()).join();
            output.print(status, () -> LoadTables.list(List.of(status), Instant.now()));
            return 0;
        }
    }
}
