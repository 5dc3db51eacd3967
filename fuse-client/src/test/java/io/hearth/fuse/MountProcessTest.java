package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mounts in a process of their own, ended in every way. */
class MountProcessTest {
    private static final Duration BOUND = Duration.ofSeconds(5);

    @TempDir
    Path home;

    private Path directory;
    private Child.Running server;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        directory = Files.createDirectory(home.resolve("mnt dir"));
        server = Child.java(directory, MountMain.class, home.toString(), directory.toString());
        assertEquals("ready", server.line());
    }

    @AfterEach
    void end() {
        if (server != null) {
            server.close();
            server.exit();
            Child.sh(directory, "umount -l \"$M\" 2>/dev/null");
        }
    }

    @Test
    void sigtermUnmounts() {
        assertEquals("100000", out("cat \"$M/file\" | wc -c"));
        assertEquals("file\nnaïve 文", out("ls \"$M\""));
        assertEquals("3", out("cat \"$M/naïve 文\" | wc -c"));
        server.process.destroy();
        server.exit();
        assertEquals(Optional.empty(), new MountTable().at(directory));
        assertEquals("", out("ls -A \"$M\""));
    }

    @Test
    void sigtermUnmountsAlsoUnderAReader() {
        try (Child.Running reader = Child.start(directory, "exec 3<\"$M/file\"; echo held; read go")) {
            assertEquals("held", reader.line());
            server.process.destroy();
            server.exit();
            assertEquals(Optional.empty(), new MountTable().at(directory));
        }
    }

    @Test
    void unmountFromAnotherProcessEndsTheServer() {
        new Unmounter(Duration.ofSeconds(1), BOUND).unmount(directory, false);
        assertEquals("ended", server.line());
        assertEquals(0, server.exit());
    }

    @Test
    void aKilledServerLeavesADeadMountThatIsNamedAndCanBeUnmounted() {
        server.process.destroyForcibly();
        server.exit();
        HearthException failure = assertThrows(HearthException.class, () -> MountPoint.check(directory));
        assertEquals(FailureKind.CONFLICT, failure.kind());
        assertTrue(failure.getMessage().endsWith("umount -l " + directory), failure.getMessage());
        new Unmounter(Duration.ofSeconds(1), BOUND).unmount(directory, false);
        assertEquals(directory, MountPoint.check(directory));
    }

    private String out(String script) {
        return Child.sh(directory, script).out();
    }
}
