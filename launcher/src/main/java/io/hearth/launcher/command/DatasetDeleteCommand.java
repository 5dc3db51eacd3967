package io.hearth.launcher.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hearth dataset delete}. */
@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        description = "Forget a dataset and drop its cached bytes; the origin is not touched.")
final class DatasetDeleteCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Parameters(index = "0", paramLabel = "NAME", description = "The dataset.")
    private String name;

    @Override
    public Integer call() {
        master.ask(api -> api.delete(master.dataset(name)));
        System.out.println("deleted " + master.dataset(name));
        return 0;
    }
}
