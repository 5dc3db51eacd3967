package io.hearth.launcher.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The names of all settings of all processes, also of those that are not on this command's class path. The list is
 * generated together with {@code docs/SETTINGS.md}, and a test holds it against the records.
 */
final class SettingNames {
    private SettingNames() {}

    static Set<String> all() {
        try (InputStream list = SettingNames.class.getResourceAsStream("setting-names.txt")) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
