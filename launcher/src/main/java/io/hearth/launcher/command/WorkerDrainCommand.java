package io.hearth.launcher.command;

import io.hearth.protocol.api.LendingOrder;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth worker drain}. */
@Command(
        name = "drain",
        mixinStandardHelpOptions = true,
        description = "Let no new bytes into a worker; what it has is served on.")
final class WorkerDrainCommand implements Callable<Integer> {
    @Mixin
    private WorkerAdminOptions worker;

    @Override
    public Integer call() {
        return worker.order(LendingOrder.drain(true), result -> "draining: no new bytes come in");
    }
}
