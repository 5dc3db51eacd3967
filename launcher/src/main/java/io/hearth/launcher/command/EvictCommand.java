package io.hearth.launcher.command;

import io.hearth.protocol.api.Eviction;
import io.hearth.protocol.settings.DataSize;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hearth evict}. */
@Command(
        name = "evict",
        mixinStandardHelpOptions = true,
        description = "Drop a dataset's cached bytes, or those at and below a path; the origin is not touched.")
final class EvictCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Mixin
    private OutputOption output;

    @Parameters(index = "0", paramLabel = "DATASET", description = "The dataset.")
    private String name;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PATH", description = "A file or folder of the dataset.")
    private Optional<String> path = Optional.empty();

    @Override
    public Integer call() {
        Eviction.Result result = master.ask(api -> api.evict(master.dataset(name), new Eviction.Request(path)));
        output.print(
                result, () -> "evicted " + result.objects() + " objects, " + DataSize.format(result.bytes()) + "\n");
        return 0;
    }
}
