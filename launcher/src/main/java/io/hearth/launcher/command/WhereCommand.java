package io.hearth.launcher.command;

import io.hearth.launcher.output.DatasetTables;
import io.hearth.protocol.api.Residency;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hearth where}. */
@Command(
        name = "where",
        mixinStandardHelpOptions = true,
        description = "Show how many of a dataset's bytes are resident on which node.")
final class WhereCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Mixin
    private OutputOption output;

    @Parameters(index = "0", paramLabel = "DATASET", description = "The dataset.")
    private String name;

    @Override
    public Integer call() {
        Residency residency = master.ask(api -> api.residency(master.dataset(name)));
        output.print(residency, () -> DatasetTables.where(residency));
        return 0;
    }
}
