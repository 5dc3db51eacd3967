package io.hearth.launcher.process;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadStartTest {
    private static final Map<String, String> VARIABLE = Map.of("HEARTH_MOUNT_TRANSPORT", "jnr-fuse");

    @TempDir
    Path user;

    private boolean kernel(Map<String, String> environment, String... words) {
        return HeadStart.kernelWanted(List.of(words), environment, user);
    }

    @Test
    void nativeCallsAreLoadedAheadUnlessLibfuseWasAskedFor() {
        assertTrue(kernel(Map.of(), "mount", "data", "/mnt"));
        assertFalse(kernel(Map.of(), "mount", "--set", "mount.transport=jnr-fuse", "data", "/mnt"));
        assertFalse(kernel(Map.of(), "mount", "--set=mount.transport=jnr-fuse", "data", "/mnt"));
        assertTrue(kernel(Map.of(), "mount", "--set", "mount.transport=kernel", "data", "/mnt"));
        assertFalse(kernel(VARIABLE, "mount", "data", "/mnt"));
        assertTrue(kernel(VARIABLE, "mount", "--set", "mount.transport=auto", "data", "/mnt"), "flags win");
    }

    @Test
    void theFileOfSettingsIsLookedAtWhereverItsHomeIs() throws IOException {
        Path other = Files.createDirectory(user.resolve("other"));
        Files.writeString(other.resolve("hearth.yaml"), "mount:\n  transport: jnr-fuse\n");
        assertTrue(kernel(Map.of(), "mount", "data", "/mnt"));
        assertFalse(kernel(Map.of("HEARTH_HOME", other.toString()), "mount", "data", "/mnt"));
        assertFalse(kernel(Map.of(), "mount", "--home", other.toString(), "data", "/mnt"));
        assertFalse(kernel(Map.of(), "mount", "--home=" + other, "data", "/mnt"));
        Files.move(other, user.resolve(".hearth"));
        assertFalse(kernel(Map.of(), "mount", "data", "/mnt"));
        assertTrue(kernel(Map.of("HEARTH_MOUNT_TRANSPORT", "kernel"), "mount", "data", "/mnt"));
    }
}
