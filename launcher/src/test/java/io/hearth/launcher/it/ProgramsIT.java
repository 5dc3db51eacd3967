package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Programs that people use read from a mount what they or others wrote into the bucket: cold, from the worker, and with
 * the other transport. A program that is missing here is skipped by the name of its Debian package.
 */
@TestMethodOrder(OrderAnnotation.class)
class ProgramsIT {
    private static final String GIT_ENVIRONMENT =
            "HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b"
                    + " GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b";
    private static final String ORIGIN_BYTES = "hearth_origin_read_bytes_total";

    @TempDir
    static Path directory;

    private static HearthRig rig;
    private static Path source;
    private static Optional<String> numpy = Optional.empty();

    /** How a program comes to its bytes; each way runs after the one before. */
    enum Way {
        COLD("programs"),
        FROM_THE_WORKER("programs"),
        JNR_FUSE("programs-jnr");

        private final String dataset;

        Way(String dataset) {
            this.dataset = dataset;
        }

        /** The directory to read; of no file there does the kernel still have pages. */
        Path mount() {
            Path mount = rig.mountPoint(dataset);
            if (this == FROM_THE_WORKER) {
                rig.shell
                        .bash("find " + mount
                                + " -type f -size +64k -exec dd if={} iflag=nocache count=0 status=none ';'")
                        .ok();
            }
            return mount;
        }
    }

    @BeforeAll
    static void start() throws IOException {
        HearthRig.assumeMounts();
        rig = new HearthRig(directory);
        source = Files.createDirectories(directory.resolve("source"));
        rig.set("S", source.toString());
        rig.set("SCRIPTS", Path.of("src/test/python").toAbsolutePath().toString());
        numpy = Stream.of("python3", "/usr/bin/python3")
                .filter(python -> rig.shell.bash(python + " -c 'import numpy'").exit() == 0)
                .findFirst();
        makeSources();
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                rig.put("programs/" + source.relativize(file), Files.readAllBytes(file));
            }
        }
        rig.startMaster();
        rig.startWorker();
        rig.createDataset("programs", "programs");
        rig.createDataset("programs-jnr", "programs");
        rig.mount("programs", "--set", "mount.transport=kernel");
        rig.mount("programs-jnr", "--set", "mount.transport=jnr-fuse");
    }

    private static void makeSources() {
        if (has("fio")) {
            rig.shell
                    .bash("cd $S && " + fio("write --do_verify=0", "verified.fio") + " && rm -f *.state")
                    .ok();
        }
        rig.shell
                .bash("mkdir -p $S/tree/deep/er && cd $S/tree && for i in $(seq 150); do seq $i > deep/f$i; done &&"
                        + " seq 400000 > numbers && : > empty && cp numbers 'deep/er/name with spaces' &&"
                        + " tar -C $S -cf $S/tree.tar tree")
                .ok();
        if (has("git")) {
            rig.shell
                    .bash("export " + GIT_ENVIRONMENT + " && git init -q $S/repo && cd $S/repo && seq 300000 > big &&"
                            + " git add . && git commit -q -m one && seq 100000 > big && git commit -q -a -m two &&"
                            + " git gc -q && mkdir src && seq 500 > src/main && git add . && git commit -q -m three")
                    .ok();
        }
        if (has("sqlite3")) {
            String rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
                    + " INSERT INTO t SELECT i, i * 7919 % 60013, hex(i * 104729) || ' of some length' FROM n;";
            String make = "CREATE TABLE t(id INTEGER PRIMARY KEY, k INT, v TEXT); CREATE INDEX t_k ON t(k); " + rows;
            rig.shell
                    .bash("sqlite3 $S/data.db \"" + make + "\" && sqlite3 $S/wal.db 'PRAGMA journal_mode = WAL' \""
                            + make + "\" && rm -f $S/*.db-*")
                    .ok();
        }
        numpy.ifPresent(python -> rig.shell
                .bash(python + " -c \"import numpy as n; n.save('$S/rows.npy',"
                        + " n.random.default_rng(5).standard_normal((12000, 256), dtype='f4'))\"")
                .ok());
    }

    @AfterAll
    static void stop() {
        if (rig != null) {
            rig.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Order(1)
    void fioVerifiesWhatItWrote(Way way) {
        assumeProgram("fio", "fio");
        Path mount = way.mount();
        for (String how : List.of("read --ioengine=psync", "randread --ioengine=psync", "randread --ioengine=mmap")) {
            rig.shell
                    .bash("cd " + directory + " && " + fio(how + " --readonly", mount + "/verified.fio"))
                    .ok();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Order(2)
    void tarReadsTheTreeAndArchives(Way way) {
        Path mount = way.mount();
        String pack = "tar --sort=name --mtime=@0 --mode=0444 --owner=0 --group=0 -cf - tree | sha256sum";
        same("cd $S && " + pack, "cd " + mount + " && " + pack);
        same("tar -tf $S/tree.tar", "tar -tf " + mount + "/tree.tar");
        rig.shell
                .bash("rm -rf out && mkdir out && tar -C out -xf " + mount + "/tree.tar && diff -r out/tree $S/tree"
                        + " && diff -r " + mount + "/tree $S/tree")
                .ok();
    }

    @ParameterizedTest
    @EnumSource
    @Order(3)
    void gitReadsARepositoryAndItsWorkTree(Way way) {
        assumeProgram("git", "git");
        Path mount = way.mount();
        rig.shell
                .bash("export " + GIT_ENVIRONMENT + " && git -C " + mount + "/repo fsck --full --strict")
                .ok();
        same(git("log --stat --format=fuller", "$S"), git("log --stat --format=fuller", mount.toString()));
        assertEquals(
                "", rig.shell.bash(git("status --porcelain", mount.toString())).ok());
        rig.shell
                .bash("export " + GIT_ENVIRONMENT + " && rm -rf clone && git clone -q " + mount + "/repo clone &&"
                        + " git -C clone fsck --full && diff -r -x .git clone $S/repo")
                .ok();
    }

    @ParameterizedTest
    @EnumSource
    @Order(4)
    void sqliteReadsADatabaseByItsIndex(Way way) {
        assumeProgram("sqlite3", "sqlite3");
        String mount = way.mount().toString();
        assertEquals(
                "ok\n",
                rig.shell
                        .bash("sqlite3 -readonly " + mount + "/data.db 'PRAGMA integrity_check'")
                        .ok());
        String byIndex = "SELECT id, v FROM t WHERE k BETWEEN 40000 AND 40100 ORDER BY k;";
        String query = "SELECT count(*), sum(id), max(v) FROM t; " + byIndex
                + " PRAGMA mmap_size = 100000000; SELECT sum(k) FROM t WHERE v LIKE '%7%';";
        assertTrue(rig.shell
                .bash("sqlite3 $S/data.db \"EXPLAIN QUERY PLAN " + byIndex + "\"")
                .ok()
                .contains("t_k"));
        same(
                "sqlite3 -readonly $S/data.db \"" + query + "\"",
                "sqlite3 -readonly " + mount + "/data.db \"" + query + "\"");
        // A database in WAL mode wants to make two files beside it, unless it is said to be immutable.
        assertNotEquals(
                0,
                rig.shell
                        .bash("sqlite3 -readonly " + mount + "/wal.db \"" + query + "\"")
                        .exit());
        same(
                "sqlite3 -readonly $S/data.db \"" + query + "\"",
                "sqlite3 'file:" + mount + "/wal.db?immutable=1' \"" + query + "\"");
    }

    @ParameterizedTest
    @EnumSource
    @Order(5)
    void numpyMapsAnArray(Way way) {
        assumeTrue(numpy.isPresent(), "numpy is missing (apt-get install python3-numpy)");
        String rows = numpy.get() + " $SCRIPTS/shuffled_rows.py ";
        same(rows + "$S/rows.npy", rows + way.mount() + "/rows.npy");
    }

    @Test
    @Order(6)
    void eachByteCameFromTheOriginOnceAtMost() throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            long all = files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
            assertTrue(rig.workerCounter(ORIGIN_BYTES) <= all, () -> rig.workerCounter(ORIGIN_BYTES) + " of " + all);
        }
    }

    private static String git(String command, String below) {
        return "export " + GIT_ENVIRONMENT + " && git --no-pager -C " + below + "/repo " + command;
    }

    private static String fio(String way, String file) {
        return "fio --name=v --bs=64k --size=12m --verify=crc32c --verify_fatal=1 --rw=" + way + " --filename=" + file;
    }

    /** Both scripts succeed and say the same. */
    private static void same(String local, String mounted) {
        assertEquals(rig.shell.bash(local).ok(), rig.shell.bash(mounted).ok());
    }

    private static boolean has(String program) {
        return rig.shell.bash("command -v " + program).exit() == 0;
    }

    private static void assumeProgram(String program, String debianPackage) {
        assumeTrue(has(program), () -> program + " is missing (apt-get install " + debianPackage + ")");
    }
}
