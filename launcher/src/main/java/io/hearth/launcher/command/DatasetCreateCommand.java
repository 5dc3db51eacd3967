package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.launcher.MasterConnection;
import io.hearth.launcher.command.DatasetSource.Declared;
import io.hearth.launcher.output.DatasetTables;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hearth dataset create}. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = "Check a dataset's origins, save it and list it.")
final class DatasetCreateCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Mixin
    private DatasetSource source;

    @Mixin
    private OutputOption output;

    @Option(names = "--no-wait", description = "Do not wait for the first listing.")
    private boolean noWait;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long to wait for the first listing (default: ${DEFAULT-VALUE}).",
            defaultValue = "600")
    private int timeoutSeconds;

    @Override
    public Integer call() {
        Declared declared = source.read(master.namespace());
        try (MasterApi api = MasterConnection.open(master.settings())) {
            DatasetStatus created = api.create(declared.name(), declared.spec()).join();
            DatasetStatus shown = noWait
                    ? created
                    : FirstListing.await(api, declared.name(), Duration.ofSeconds(timeoutSeconds), System.err);
            if (shown.phase().equals(DatasetStatus.FAILED)) {
                throw new HearthException(
                        FailureKind.UNAVAILABLE,
                        declared.name() + " is saved, but its first listing failed: "
                                + shown.message().orElse("no reason given")
                                + "; run 'hearth dataset refresh' when that is mended");
            }
            output.print(shown, () -> DatasetTables.list(List.of(shown), Instant.now()));
            return 0;
        }
    }
}
