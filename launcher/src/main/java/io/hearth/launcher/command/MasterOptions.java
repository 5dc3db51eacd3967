package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.launcher.MasterConnection;
import io.hearth.launcher.settings.Settings;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.HearthException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of every command that asks a master. */
final class MasterOptions {
    @Mixin
    private SettingsOptions settings;

    @Option(
            names = "--master",
            paramLabel = "URL",
            split = ",",
            description = "The masters (default: setting 'masters', http://127.0.0.1:7070).")
    private List<URI> masters = List.of();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "The dataset's namespace (default: ${DEFAULT-VALUE}).",
            defaultValue = DatasetName.DEFAULT_NAMESPACE)
    private String namespace;

    String namespace() {
        return namespace;
    }

    DatasetName dataset(String name) {
        return new DatasetName(namespace, name);
    }

    Settings settings() {
        Settings loaded = settings.load();
        if (masters.isEmpty()) {
            return loaded;
        }
        return loaded.with(Map.of("masters", masters.stream().map(URI::toString).collect(Collectors.joining(","))));
    }

    /** Asks a master one thing and waits for the answer; the client bounds the wait. */
    <T> T ask(Function<MasterApi, CompletableFuture<T>> request) {
        try (MasterApi master = MasterConnection.open(settings())) {
            return request.apply(master).join();
        } catch (RuntimeException e) {
            throw HearthException.of(e);
        }
    }
}
