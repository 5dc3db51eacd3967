package io.hearth.launcher.command;

import io.hearth.launcher.output.LendingTables;
import io.hearth.protocol.api.LendingOrder;
import io.hearth.protocol.settings.DataSize;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth worker yield}. */
@Command(
        name = "yield",
        mixinStandardHelpOptions = true,
        description =
                "Give bytes of a worker's tiers back to its node, now; memory is taken again once the node is calm.")
final class WorkerYieldCommand implements Callable<Integer> {
    @Mixin
    private WorkerAdminOptions worker;

    @Option(names = "--medium", paramLabel = "MEDIUM", description = "MEM, SSD or HDD (default: MEM).")
    private Optional<String> medium = Optional.empty();

    @Parameters(index = "0", arity = "0..1", paramLabel = "BYTES", description = "How much, as 2GiB (default: all).")
    private Optional<String> bytes = Optional.empty();

    @Override
    public Integer call() {
        String size = bytes.map(text -> Long.toString(DataSize.parse(text).bytes()))
                .orElse(Long.toString(Long.MAX_VALUE / 2));
        LendingOrder order =
                new LendingOrder(Optional.of(size), medium, Optional.empty(), Optional.empty(), Optional.empty());
        return worker.order(order, LendingTables::given);
    }
}
