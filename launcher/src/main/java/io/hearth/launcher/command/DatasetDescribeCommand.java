package io.hearth.launcher.command;

import io.hearth.launcher.output.DatasetTables;
import io.hearth.protocol.api.DatasetStatus;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hearth dataset describe}. */
@Command(name = "describe", mixinStandardHelpOptions = true, description = "Show all about one dataset.")
final class DatasetDescribeCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Mixin
    private OutputOption output;

    @Parameters(index = "0", paramLabel = "NAME", description = "The dataset.")
    private String name;

    @Override
    public Integer call() {
        DatasetStatus status = master.ask(api -> api.describe(master.dataset(name)));
        output.print(status, () -> DatasetTables.describe(status, Instant.now()));
        return 0;
    }
}
