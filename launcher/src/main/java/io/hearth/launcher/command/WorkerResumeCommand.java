package io.hearth.launcher.command;

import io.hearth.protocol.api.LendingOrder;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth worker resume}. */
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        description = "End a drain, and lend everything again at once.")
final class WorkerResumeCommand implements Callable<Integer> {
    @Mixin
    private WorkerAdminOptions worker;

    @Override
    public Integer call() {
        return worker.order(LendingOrder.resumed(), result -> "lending everything again");
    }
}
