package io.hearth.worker.lend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.TierSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a program that writes down how it was called instead of mounting. */
class HugePagesTest {
    @TempDir
    Path home;

    private Path program;
    private Path called;
    private Path mounts;
    private TierSpec memory;

    @BeforeEach
    void make() throws IOException {
        called = home.resolve("called");
        mounts = Files.writeString(home.resolve("mounts"), "tmpfs /dev/shm tmpfs rw 0 0\n");
        program = script("echo \"$@\" >> " + called);
        memory = new TierSpec(Medium.MEM, home.resolve("mem"), 64 << 20);
    }

    private Path script(String line) throws IOException {
        Path script = Files.writeString(home.resolve("mount.sh"), "#!/bin/sh\n" + line + "\n");
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void mount() {
        new HugePages(mounts, program.toString())
                .mount(List.of(memory, new TierSpec(Medium.SSD, home.resolve("ssd"), 1 << 20)));
    }

    @Test
    void aMemoryTierGetsATmpfsOfHugePagesAndADiskTierNone() throws IOException {
        mount();
        assertEquals(
                "-t tmpfs -o size=88080384,huge=within_size,mode=0700,nosuid,nodev,noexec hearth "
                        + memory.directory().toRealPath() + "\n",
                Files.readString(called));
        assertFalse(Files.exists(home.resolve("ssd")));
    }

    @Test
    void whatIsMountedOrHasFilesIsLeftAsItIs() throws IOException {
        Files.createDirectories(memory.directory());
        Files.writeString(mounts, "hearth " + memory.directory().toRealPath() + " tmpfs rw,huge=within_size 0 0\n");
        mount();
        assertFalse(Files.exists(called));
        Files.writeString(mounts, "");
        Files.writeString(memory.directory().resolve("cached"), "bytes");
        mount();
        assertFalse(Files.exists(called));
        assertTrue(Files.exists(memory.directory().resolve("cached")));
    }

    @Test
    void aRefusedMountStopsNothing() throws IOException {
        script("echo only root can do that; exit 1");
        mount();
        assertTrue(Files.isDirectory(memory.directory()));
    }
}
