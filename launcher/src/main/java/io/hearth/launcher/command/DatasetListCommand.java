package io.hearth.launcher.command;

import io.hearth.launcher.output.DatasetTables;
import io.hearth.protocol.api.DatasetList;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth dataset list}. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "List the datasets of a namespace.")
final class DatasetListCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        DatasetList list = master.ask(api -> api.list(master.namespace()));
        output.print(list, () -> DatasetTables.list(list.datasets(), Instant.now()));
        return 0;
    }
}
