package io.hearth.launcher.command;

import io.hearth.launcher.output.LendingTables;
import io.hearth.protocol.api.LendingStatus;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth worker status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Show what a worker lends now, what of it is held, and why it is not more.")
final class WorkerStatusCommand implements Callable<Integer> {
    @Mixin
    private WorkerAdminOptions worker;

    @Override
    public Integer call() {
        LendingStatus status = worker.worker().lending();
        worker.output().print(status, () -> LendingTables.status(status, Instant.now()));
        return 0;
    }
}
