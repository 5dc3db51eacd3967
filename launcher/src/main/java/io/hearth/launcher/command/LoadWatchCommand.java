package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.launcher.MasterConnection;
import io.hearth.protocol.api.LoadStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth load watch}. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = "Follow a load until it ends; exit status 0 only when it is complete. Ctrl-C leaves it running.")
final class LoadWatchCommand implements Callable<Integer> {
    @Mixin
    private NamedLoad load;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        try (MasterApi api = MasterConnection.open(load.master.settings())) {
            LoadStatus found = load.find(api);
            return LoadEnd.await(api, found, output);
        }
    }
}
