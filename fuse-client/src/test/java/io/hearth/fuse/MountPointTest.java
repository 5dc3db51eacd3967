package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountPointTest {
    @TempDir
    Path temp;

    private Path device;
    private Path table;

    @BeforeEach
    void stageFiles() throws IOException {
        device = Files.createFile(temp.resolve("fuse"));
        table = Files.createFile(temp.resolve("mountinfo"));
    }

    @Test
    void takesAnEmptyDirectoryByItsRealPath() throws IOException {
        Path real = Files.createDirectory(temp.resolve("real")).toRealPath();
        Path link = Files.createSymbolicLink(temp.resolve("link"), real);
        assertEquals(real, check(link));
    }

    @Test
    void saysWhatIsInTheWay() throws IOException {
        assertSays(FailureKind.NOT_FOUND, "mkdir -p " + temp.resolve("none"), temp.resolve("none"));
        assertSays(FailureKind.INVALID, "is no directory", Files.createFile(temp.resolve("file")));
        Path full = Files.createDirectory(temp.resolve("full"));
        Files.createFile(full.resolve("x"));
        assertSays(FailureKind.CONFLICT, "is not empty", full);
    }

    @Test
    void saysThatTheDeviceIsMissing() throws IOException {
        Files.delete(device);
        assertSays(FailureKind.UNAVAILABLE, "--device /dev/fuse", temp);
    }

    @Test
    void readsEscapedMountPointsOfOtherKinds() throws IOException {
        Path taken = Files.createDirectory(temp.resolve("a b\\c")).toRealPath();
        String escaped = taken.toString().replace("\\", "\\134").replace(" ", "\\040");
        Files.writeString(table, "36 35 0:42 / " + escaped + " rw,noatime shared:1 - tmpfs tmpfs rw\n");
        assertSays(FailureKind.CONFLICT, "is a mount point already (tmpfs)", taken);
    }

    @Test
    void onlyMountsOfOursAreUnmounted() {
        HearthException failure = assertThrows(
                HearthException.class, () -> new Unmounter(Duration.ZERO, Duration.ofSeconds(1)).unmount(temp, true));
        assertEquals(FailureKind.NOT_FOUND, failure.kind());
        assertEquals(temp + " is not a hearth mount", failure.getMessage());
    }

    private void assertSays(FailureKind kind, String part, Path directory) {
        HearthException failure = assertThrows(HearthException.class, () -> check(directory));
        assertEquals(kind, failure.kind(), failure.getMessage());
        assertTrue(failure.getMessage().contains(part), failure.getMessage());
        assertFalse(failure.getMessage().contains("\n"));
    }

    private Path check(Path directory) {
        return MountPoint.check(directory, device, new MountTable(table));
    }
}
