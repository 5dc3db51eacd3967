package io.hearth.launcher.command;

import io.hearth.launcher.command.DatasetSource.Declared;
import io.hearth.launcher.output.DatasetTables;
import io.hearth.protocol.api.DatasetStatus;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth dataset update}. */
@Command(
        name = "update",
        mixinStandardHelpOptions = true,
        description = "Replace a dataset's declaration; mounts follow with the next generation.")
final class DatasetUpdateCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Mixin
    private DatasetSource source;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        Declared declared = source.read(master.namespace());
        DatasetStatus status = master.ask(api -> api.update(declared.name(), declared.spec()));
        output.print(status, () -> DatasetTables.list(List.of(status), Instant.now()));
        return 0;
    }
}
