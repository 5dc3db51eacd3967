package io.hearth.cluster;

import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.util.Map;

/** Settings for a small store on free ports. */
final class TestStores {
    private TestStores() {}

    static ClusterSettings settings(Path directory) {
        return new SettingsBinder(directory)
                .bind(
                        ClusterSettings.class,
                        Map.of(
                                "cluster.directory", directory.toString(),
                                "cluster.discovery-port", "0",
                                "cluster.communication-port", "0",
                                "cluster.transaction-timeout", "500ms"));
    }
}
