package io.hearth.launcher.command;

import io.hearth.launcher.output.DatasetTables;
import io.hearth.protocol.api.DatasetStatus;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hearth dataset refresh}. */
@Command(
        name = "refresh",
        mixinStandardHelpOptions = true,
        description = "List the origins again now; mounts switch to what is found.")
final class DatasetRefreshCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Mixin
    private OutputOption output;

    @Parameters(index = "0", paramLabel = "NAME", description = "The dataset.")
    private String name;

    @Override
    public Integer call() {
        DatasetStatus status = master.ask(api -> api.refresh(master.dataset(name)));
        output.print(status, () -> DatasetTables.list(List.of(status), Instant.now()));
        return 0;
    }
}
