package io.hearth.launcher.process;

import io.hearth.fuse.Mount;
import io.hearth.fuse.TransportChoice;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.settings.SettingsBinder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Loads what a mount needs whatever its arguments are, beside the thread that reads them: a start is 0.1 s shorter for
 * it where a second core is idle.
 */
public final class HeadStart {
    private static final String TRANSPORT = "mount.transport";
    private static final String JNR_FUSE = TransportChoice.JNR_FUSE.toString();

    private HeadStart() {}

    /** Returns at once; the thread ends by itself when all is loaded, and does not keep the process. */
    public static void ofMount(List<String> words) {
        Thread thread = new Thread(() -> load(words), "hearth-head-start");
        thread.setDaemon(true);
        thread.start();
    }

    private static void load(List<String> words) {
        try {
            if (kernelWanted(words, System.getenv(), Path.of(System.getProperty("user.home")))) {
                Mount.prepare();
            }
            Json.mapper();
        } catch (HearthException e) {
            // The mount meets the same and says it to the user.
            LoggerFactory.getLogger(HeadStart.class).debug("no head start", e);
        }
    }

    /**
     * Whether the mount may be served by the kernel's own protocol, whose calls are loaded ahead: a guess, as settings
     * are read beside this. The order is theirs: flags, environment, file.
     */
    static boolean kernelWanted(List<String> words, Map<String, String> environment, Path userHome) {
        return flag(words)
                .or(() -> Optional.ofNullable(environment.get(SettingsBinder.environmentName(TRANSPORT))))
                .map(value -> !value.equals(JNR_FUSE))
                .orElseGet(() -> !fileNames(home(words, environment, userHome).resolve("hearth.yaml")));
    }

    private static Optional<String> flag(List<String> words) {
        return words.stream()
                .map(word -> word.startsWith("--set=") ? word.substring("--set=".length()) : word)
                .filter(word -> word.startsWith(TRANSPORT + "="))
                .map(word -> word.substring(TRANSPORT.length() + 1))
                .reduce((earlier, later) -> later);
    }

    private static Path home(List<String> words, Map<String, String> environment, Path userHome) {
        int at = words.indexOf("--home");
        Optional<String> beside = at >= 0 && at + 1 < words.size() ? Optional.of(words.get(at + 1)) : Optional.empty();
        return beside.or(() -> words.stream()
                        .filter(word -> word.startsWith("--home="))
                        .findFirst()
                        .map(word -> word.substring("--home=".length())))
                .or(() -> Optional.ofNullable(environment.get("HEARTH_HOME")).filter(home -> !home.isBlank()))
                .map(Path::of)
                .orElseGet(() -> userHome.resolve(".hearth"));
    }

    /** Not read as YAML, which takes longer than what it would save; a comment that says so costs the head start. */
    private static boolean fileNames(Path file) {
        try {
            return Files.exists(file)
                    && Files.readString(file, StandardCharsets.ISO_8859_1).contains(JNR_FUSE);
        } catch (IOException e) {
            return false; // The mount meets the same and says it to the user.
        }
    }
}
