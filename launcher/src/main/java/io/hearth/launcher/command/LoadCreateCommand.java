package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.launcher.MasterConnection;
import io.hearth.launcher.output.LoadTables;
import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadStatus;
import io.hearth.protocol.settings.Durations;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth load create}. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = {
            "Make files of a dataset resident and verified. The same request joins the load that runs already.",
            "With --wait, exit status 0 only when the load is complete; Ctrl-C ends the waiting and leaves the load"
                    + " running."
        })
final class LoadCreateCommand implements Callable<Integer> {
    private static final String ROOT = "/";

    @Mixin
    private MasterOptions master;

    @Mixin
    private OutputOption output;

    @Parameters(index = "0", paramLabel = "DATASET", description = "The dataset.")
    private String name;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "TARGET",
            description = "Files, folders or globs such as '/weights/*.safetensors' (default: the whole dataset).")
    private List<String> targets = List.of();

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "On how many workers each block is to be (default: 1).")
    private Optional<Integer> replicas = Optional.empty();

    @Option(names = "--metadata-only", description = "List the origins again; fill nothing.")
    private boolean metadataOnly;

    @Option(
            names = "--retries",
            paramLabel = "N",
            description =
                    "How often what failed or was lost is tried again (default: " + LoadSpec.RETRIES_DEFAULT + ").")
    private Optional<Integer> retries = Optional.empty();

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            description =
                    "How long the ended load can be looked at, such as 1h (default: " + LoadSpec.TTL_DEFAULT + ").")
    private Optional<String> ttl = Optional.empty();

    @Option(names = "--wait", description = "Wait until the load has ended, with a bar on a terminal.")
    private boolean wait;

    @Override
    public Integer call() {
        LoadSpec spec = spec();
        try (MasterApi api = MasterConnection.open(master.settings())) {
            LoadStatus load = api.createLoad(master.dataset(name), spec).join();
            if (wait) {
                return LoadEnd.await(api, load, output);
            }
            output.print(load, () -> LoadTables.list(List.of(load), Instant.now()));
            return 0;
        }
    }

    private LoadSpec spec() {
        ttl.ifPresent(Durations::parse);
        List<String> paths = targets.isEmpty() && replicas.isPresent() ? List.of(ROOT) : targets;
        return new LoadSpec(
                paths.stream().map(path -> new LoadSpec.Target(path, replicas)).toList(),
                metadataOnly ? Optional.of(true) : Optional.empty(),
                retries,
                ttl);
    }
}
