package io.hearth.launcher.command;

import io.hearth.launcher.output.LoadTables;
import io.hearth.protocol.api.LoadList;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth load list}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the loads of a namespace, the newest last; ended ones are kept for their TTL.")
final class LoadListCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        LoadList list = master.ask(api -> api.loads(master.namespace()));
        output.print(list, () -> LoadTables.list(list.loads(), Instant.now()));
        return 0;
    }
}
