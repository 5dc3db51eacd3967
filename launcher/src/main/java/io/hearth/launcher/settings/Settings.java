package io.hearth.launcher.settings;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** All settings of one process, as texts by name, bound to records on demand. Immutable. */
public final class Settings {
    /** Variables that steer the command itself and are no settings. */
    private static final Set<String> COMMAND_VARIABLES = Set.of(
            "HEARTH_HOME",
            "HEARTH_HEAP",
            "HEARTH_DIRECT",
            "HEARTH_JAVA_OPTS",
            "HEARTH_LAUNCHER",
            "HEARTH_LOG",
            "HEARTH_RECORD_MOUNT");

    private final Path home;
    private final Map<String, String> values;

    private Settings(Path home, Map<String, String> values) {
        this.home = home;
        this.values = Map.copyOf(values);
    }

    /**
     * Reads {@code home/hearth.yaml} where it exists, then {@code HEARTH_*} of {@code environment}, then {@code flags}
     * ({@code name=value}); the later wins.
     *
     * @throws HearthException {@link FailureKind#INVALID} for a key that is no setting
     */
    public static Settings load(Path home, Map<String, String> environment, Map<String, String> flags) {
        Set<String> known = SettingNames.all();
        Map<String, String> values = new TreeMap<>();
        Path file = home.resolve("hearth.yaml");
        SettingsFile.read(file).forEach((name, value) -> {
            requireKnown(known, name, "in " + file);
            values.put(name, value);
        });
        values.putAll(ofEnvironment(known, environment));
        flags.forEach((name, value) -> {
            requireKnown(known, name, "given by --set");
            values.put(name, value);
        });
        return new Settings(home, values);
    }

    private static Map<String, String> ofEnvironment(Set<String> known, Map<String, String> environment) {
        Map<String, String> names = new TreeMap<>();
        known.forEach(name -> names.put(SettingsBinder.environmentName(name), name));
        Map<String, String> values = new TreeMap<>();
        environment.forEach((variable, value) -> {
            if (!variable.startsWith("HEARTH_") || COMMAND_VARIABLES.contains(variable)) {
                return;
            }
            String name = names.get(variable);
            if (name == null) {
                throw new HearthException(
                        FailureKind.INVALID,
                        "the environment variable " + variable
                                + " is no setting of Hearth: see docs/SETTINGS.md, or unset it");
            }
            values.put(name, value);
        });
        return values;
    }

    private static void requireKnown(Set<String> known, String name, String where) {
        if (!known.contains(name)) {
            throw new HearthException(
                    FailureKind.INVALID, "unknown setting '" + name + "' " + where + ": see docs/SETTINGS.md");
        }
    }

    /** These settings with some replaced. */
    public Settings with(Map<String, String> replaced) {
        Map<String, String> merged = new TreeMap<>(values);
        merged.putAll(replaced);
        return new Settings(home, merged);
    }

    /** These settings with {@code value} for a name that nobody set. */
    public Settings orElse(String name, String value) {
        return values.containsKey(name) ? this : with(Map.of(name, value));
    }

    /** These settings with another home. */
    public Settings withHome(Path other) {
        return new Settings(other, values);
    }

    /** Flags that give another process the same home and settings. */
    public List<String> asFlags() {
        List<String> flags = new ArrayList<>(List.of("--home", home.toString()));
        new TreeMap<>(values).forEach((name, value) -> flags.addAll(List.of("--set", name + "=" + value)));
        return flags;
    }

    public Path home() {
        return home;
    }

    /** The settings of one module. */
    public <R extends Record> R get(Class<R> type) {
        return new SettingsBinder(home).bind(type, values);
    }
}
