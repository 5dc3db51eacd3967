package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mount by a user who may not mount: {@code mount(2)} says {@code EPERM}, and fusermount helps. */
class UnprivilegedMountTest {
    private static final int NOBODY = 65_534;

    @TempDir
    Path directory;

    @Test
    void aUserMountsReadsAndUnmountsByFusermount() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        assumeTrue(out("id -u").equals("0"), "becoming another user needs root");
        assumeTrue(
                out("unshare -m setpriv --version >/dev/null 2>&1; echo $?").equals("0"), "no unshare or no setpriv");
        assumeTrue(
                out("(command -v fusermount3 || command -v fusermount) >/dev/null; echo $?")
                        .equals("0"),
                "no fusermount: apt-get install fuse3");
        Files.createDirectories(directory.resolve("mnt"));
        Files.createDirectories(directory.resolve("home"));
        Path script = Files.writeString(directory.resolve("script"), script());
        String said = out("unshare -m bash " + script);
        assertTrue(said.contains("ready"), said);
        assertTrue(said.contains("user_id=" + NOBODY), said);
        assertTrue(said.contains("100000 bytes"), said);
        assertTrue(said.endsWith("left: 0"), said);
    }

    /**
     * In a mount namespace of its own, where everybody may open the device; the user may read all files, for the
     * classes.
     */
    private String script() {
        String user = "setpriv --reuid " + NOBODY + " --regid " + NOBODY + " --clear-groups";
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return String.join(
                "\n",
                "cd " + directory,
                "chmod 755 . && chown -R " + NOBODY + " .",
                "mknod -m 666 device c 10 229 && mount --bind device /dev/fuse",
                user + " --inh-caps +dac_read_search --ambient-caps +dac_read_search " + java + " -cp '"
                        + System.getProperty("java.class.path") + "' " + MountMain.class.getName()
                        + " $PWD/home $PWD/mnt >said 2>&1 &",
                "for i in $(seq 200); do grep -q ready said && break; kill -0 $! 2>/dev/null || break; sleep 0.1; done",
                "cat said; grep $PWD/mnt /proc/mounts",
                "echo $(" + user + " cat mnt/file | wc -c) bytes",
                "kill $!; wait $!; echo left: $(grep -c $PWD/mnt /proc/mounts)");
    }

    private String out(String script) {
        return Child.sh(directory, script).out();
    }
}
