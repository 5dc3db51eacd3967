package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the build puts together. */
class PackagingIT {
    private static final Path DIST = HearthRig.ROOT.resolve("launcher/target/dist");

    private static String archive;

    @TempDir
    Path directory;

    @BeforeAll
    static void pack(@TempDir Path scratch) {
        archive = new Shell(scratch, Map.of())
                .bash(HearthRig.ROOT + "/bin/dist")
                .ok()
                .strip();
    }

    @Test
    void theMountsClassPathCarriesNoServer() throws Exception {
        List<String> jars = jars("client");
        assertTrue(jars.stream().anyMatch(jar -> jar.startsWith("fuse-client-")), jars.toString());
        for (String server : List.of(
                "ignite",
                "s3proxy",
                "jclouds",
                "jetty",
                "cache-master",
                "cache-worker",
                "cluster-store",
                "embedded-store",
                "testing",
                "junit")) {
            assertTrue(jars.stream().noneMatch(jar -> jar.contains(server)), server + " is in " + jars);
        }
    }

    @Test
    void everyJarOfAClassPathIsInThePackage() throws Exception {
        for (String path : List.of("client", "server")) {
            for (String jar : jars(path)) {
                assertTrue(Files.exists(DIST.resolve("lib").resolve(jar)), jar);
            }
        }
    }

    @Test
    void thePackageRunsFromAnyFolderWithAJavaRuntimeAlone() {
        Shell shell = new Shell(directory, Map.of());
        shell.bash("tar -C " + directory + " -xzf " + archive).ok();
        String version =
                shell.bash(directory + "/hearth-*/bin/hearth --version").ok();
        assertEquals("hearth 0.1.0\n", version);
        assertTrue(shell.bash("ln -s " + directory + "/hearth-*/bin/hearth " + directory + "/hearth && " + directory
                        + "/hearth doctor -o json --home " + directory.resolve("h"))
                .out()
                .contains("kernel"));
        String before = shell.bash("sha256sum < " + archive).ok();
        shell.bash(HearthRig.ROOT + "/bin/dist").ok();
        assertEquals(before, shell.bash("sha256sum < " + archive).ok(), "two runs give the same bytes");
    }

    @Test
    void anArchiveServesTheJavaAndTheFolderItWasMadeForAlone() {
        Shell shell = new Shell(directory, Map.of());
        shell.bash("mkdir p && tar -C p --strip-components=1 -xzf " + archive).ok();
        assertTrue(shared(shell, "p") == 0, "a package carries no archive");
        shell.bash("p/bin/archive client").ok();
        assertTrue(shared(shell, "p") > 500, "classes come from the archive");

        shell.bash("mv p q").ok();
        assertEquals(0, shared(shell, "q"), "the folder was moved");
        shell.bash("mv q p && sed -i 's#^/#/another#' p/cds/client.jsa.for").ok();
        assertEquals(0, shared(shell, "p"), "it was made by another Java");
        String refused = shell.bash("p/bin/archive mounts").refused(2);
        assertTrue(refused.contains("client, master or worker"), refused);
    }

    /** Classes that a command takes from an archive of ours. */
    private static long shared(Shell shell, String folder) {
        String out = shell.bash("HEARTH_JAVA_OPTS=-Xlog:class+load " + folder + "/bin/hearth dataset list --master"
                        + " http://127.0.0.1:1 2>&1 || true")
                .ok();
        return out.lines()
                .filter(line -> line.contains("io.hearth.") || line.contains("io.netty.") || line.contains("picocli."))
                .filter(line -> line.endsWith("shared objects file"))
                .count();
    }

    private static List<String> jars(String path) throws Exception {
        try (Stream<String> entries =
                Stream.of(Files.readString(DIST.resolve("classpath").resolve(path))
                        .strip()
                        .split(":"))) {
            return entries.map(entry -> entry.replace("@LIB@/", "")).toList();
        }
    }
}
