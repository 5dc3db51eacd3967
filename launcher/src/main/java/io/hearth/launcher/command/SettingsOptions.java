package io.hearth.launcher.command;

import io.hearth.launcher.settings.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of every command that reads settings. */
final class SettingsOptions {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "Where Hearth keeps its state and hearth.yaml (default: $HEARTH_HOME, else ~/.hearth).")
    private Optional<Path> home = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A setting of docs/SETTINGS.md; wins over hearth.yaml and HEARTH_* variables.")
    private Map<String, String> flags = new LinkedHashMap<>();

    Path home() {
        String variable = System.getenv("HEARTH_HOME");
        Path fallback = variable != null && !variable.isBlank()
                ? Path.of(variable)
                : Path.of(System.getProperty("user.home"), ".hearth");
        return home.orElse(fallback).toAbsolutePath().normalize();
    }

    Settings load() {
        return Settings.load(home(), System.getenv(), flags);
    }
}
