package io.hearth.worker.fill;

import io.hearth.protocol.settings.Setting;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.util.Map;

/** Hints that are longer than what is fetched at once: of whole files. */
public record PrefetchSettings(
        @Setting(
                name = "worker.prefetch-depth",
                value = "32",
                min = "1",
                max = "1024",
                description =
                        "Blocks fetched ahead of readers at once, of hints that name more, or whole files: an eighth of"
                                + " these at first, then one more with each half of a block that has come.")
        int depthBlocks,

        @Setting(
                name = "worker.prefetch-ranges",
                value = "256",
                min = "1",
                max = "65536",
                description = "Long hints that wait or are under way; more are dropped.")
        int rangesMax,

        @Setting(
                name = "worker.prefetch-share",
                value = "50",
                min = "0",
                max = "100",
                description =
                        "Percent of what its tier may use now that long hints fill of one object; the rest is left to readers. 0 = nothing.")
        int tierPercent) {
    /** The defaults with some settings, by name, given as text. */
    public static PrefetchSettings of(Map<String, String> values) {
        return new SettingsBinder(Path.of(".")).bind(PrefetchSettings.class, values);
    }
}
