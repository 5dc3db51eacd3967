package io.hearth.client.intent;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** How far models are filled ahead of their readers. */
public record IntentSettings(
        @Setting(
                name = "client.intent-ahead",
                value = "16GiB",
                min = "0",
                max = "16TiB",
                description =
                        "Bytes of models that workers are told of and nobody has read yet: of a file of weights the"
                                + " whole, once its header is read, then the shards beside it. 0 = none.")
        DataSize ahead,

        @Setting(
                name = "client.intent-shards",
                value = "4096",
                min = "1",
                max = "65536",
                description = "Shards of models that wait until what is before them was read; more are left to their"
                        + " readers.")
        int shardsMax,

        @Setting(
                name = "client.intent-queue",
                value = "64",
                min = "1",
                max = "65536",
                description = "Files whose headers wait to be looked at; more are not.")
        int queueMax,

        @Setting(
                name = "client.intent-order-runs",
                value = "2048",
                min = "0",
                max = "4096",
                description =
                        "Longest order, in runs of blocks one after the other, that is recorded of how a model is read,"
                                + " kept by the masters, and filled in by the next mount. 0 = none is recorded or asked for.")
        int orderRunsMax,

        @Setting(
                name = "client.intent-order-wait",
                value = "200ms",
                min = "0ms",
                max = "10s",
                description =
                        "Longest that the fill of a model waits, beyond its header, for the order in which it was read"
                                + " before; then it goes in the order of the file.")
        Duration orderWait,

        @Setting(
                name = "client.intent-orders",
                value = "16",
                min = "1",
                max = "1024",
                description = "Orders of shards that masters are asked for at once.")
        int ordersMax) {
    /** The defaults with some settings, by name, given as text. */
    public static IntentSettings of(Map<String, String> values) {
        return new SettingsBinder(Path.of(".")).bind(IntentSettings.class, values);
    }
}
