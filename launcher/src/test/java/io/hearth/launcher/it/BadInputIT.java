package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.it.HearthRig.Daemon;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users get wrong: one line that says what and what to do, exit 1 or 2, nothing half-made. */
class BadInputIT {
    @TempDir
    static Path directory;

    private static HearthRig rig;

    @BeforeAll
    static void start() throws Exception {
        rig = new HearthRig(directory);
        rig.put("data/file.txt", "hello".getBytes());
        rig.startMaster();
        rig.startWorker();
        rig.createDataset("taken", "data");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void anUnknownBucketIsNamed() {
        says(create("nobucket", "--origin", "s3://no-such-bucket/x"), 1, "no-such-bucket");
        assertUnknown("nobucket");
    }

    @Test
    void aWrongKeyAndAWrongSecretAreToldApart() {
        Path file = credentials("wrong-key", "AKIANOSUCHKEY0000000", "secret-of-the-test-rig");
        String key = says(create("badkey", "--credentials", "file:" + file), 1, "access key");
        file = credentials("wrong-secret", HearthRig.keys().accessKeyId(), "not-the-secret");
        String secret = says(create("badsecret", "--credentials", "file:" + file), 1, "secret");
        assertFalse(key.equals(secret));
        assertFalse((key + secret).contains("not-the-secret"), "a secret is printed");
        assertUnknown("badkey");
        assertUnknown("badsecret");
    }

    @Test
    void missingCredentialsAreNamed() {
        says(create("x", "--credentials", "env:NOWHERE"), 1, "NOWHERE_ACCESS_KEY_ID");
        says(create("x", "--credentials", "file:/no/such/file"), 1, "/no/such/file");
        says(create("x", "--credentials", "magic"), 2, "credentials option must be");
    }

    @Test
    void aRefusedEndpointAndAnEmptyPrefixAreNamed() {
        says(create("refused", "--endpoint", "http://127.0.0.1:1"), 1, "http://127.0.0.1:1");
        says(create("empty", "--origin", "s3://demo/no/such/prefix"), 1, "no/such/prefix");
        assertUnknown("refused");
        assertUnknown("empty");
    }

    @Test
    void checkSaysWhichPartIsWrongAndSavesNothing() {
        Shell.Result report = rig.hearth(
                "dataset",
                "check",
                "probe",
                "--origin",
                "s3://no-such-bucket",
                "--endpoint",
                rig.store.endpoint().toString(),
                "--credentials",
                "env");
        assertTrue(report.refused(1).contains("bucket"), report.err());
        assertTrue(report.out().contains("FAILED"), report.out());
        assertUnknown("probe");
        String good = rig.hearth(
                        "dataset",
                        "check",
                        "probe",
                        "--origin",
                        "s3://demo/data",
                        "--endpoint",
                        rig.store.endpoint().toString(),
                        "--credentials",
                        "env")
                .ok();
        assertEquals(4, good.split(" ok ", -1).length - 1, good);
    }

    @Test
    void namesThatAreTakenOrMalformedAreRefused() {
        says(create("taken"), 1, "taken");
        says(create("Not_A_Name"), 2, "Not_A_Name");
        says(create("x", "--origin", "http://demo/x"), 2, "s3://");
        says(create("x", "--refresh", "often"), 2, "often");
    }

    @Test
    void unknownDatasetsAreNamedByEveryCommand() {
        for (String[] command : new String[][] {
            {"dataset", "describe", "nowhere"},
            {"dataset", "refresh", "nowhere"},
            {"dataset", "delete", "nowhere"},
            {"where", "nowhere"},
            {"evict", "nowhere"}
        }) {
            says(rig.hearth(command), 1, "nowhere");
        }
        says(rig.hearth("evict", "taken", "no/such/path"), 1, "no/such/path");
        says(rig.hearth("dataset", "describe", "taken", "-n", "elsewhere"), 1, "elsewhere/taken");
    }

    @Test
    void writableVolumesDoNotExistYet() throws Exception {
        Path file = Files.writeString(
                directory.resolve("writable.yaml"),
                "kind: Dataset\nmetadata: {name: writable}\nspec:\n  mounts:\n    - mountPoint: s3://demo/data\n"
                        + "      readOnly: false\n      options: {endpoint: '" + rig.store.endpoint() + "'}\n");
        says(rig.hearth("dataset", "create", "-f", file.toString()), 2, "readOnly");
        assertUnknown("writable");
    }

    @Test
    void unknownSettingsFlagsAndCommandsAreUsage() {
        says(rig.hearth("worker", "--set", "worker.tires=MEM:/x:1GiB"), 2, "worker.tires");
        says(hearthElsewhere("worker", "--set", "worker.tiers=TAPE:/x:1GiB"), 2, "TAPE");
        says(rig.hearth("master", "--set", "master.bind=0.0.0.0"), 2, "needs the cluster's token");
        says(rig.hearth("dataset", "list", "--colour"), 2, "--colour");
        says(rig.hearth("serve"), 2, "serve");
        says(rig.hearth(), 2, "name a command");
        says(rig.hearth("quickstart", "--size", "1KiB"), 2, "1KiB");
        String line = rig.shell
                .bash("HEARTH_WROKER_PORT=1 " + HearthRig.ROOT + "/bin/hearth dataset list")
                .refused(2);
        assertTrue(line.contains("HEARTH_WROKER_PORT"), line);
    }

    @Test
    void aPortInUseIsNamedAndTheStateStaysWithItsOwner() {
        String port = rig.masterUrl().replaceAll(".*:", "");
        String[] free = {"--set", "cluster.discovery-port=0", "--set", "cluster.communication-port=0"};
        says(
                hearthElsewhere("master", "--set", "master.port=" + port, free[0], free[1], free[2], free[3]),
                1,
                "port " + port);
        says(rig.hearth("master", "--set", "master.port=0"), 1, rig.home().toString());
        rig.hearth("dataset", "describe", "taken").ok();
    }

    @Test
    void noMasterIsSaidWithHowToGetOne() {
        says(rig.hearth("dataset", "list", "--master", "http://127.0.0.1:1"), 1, "hearth master");
    }

    @Test
    void mountPointsThatCannotBeTakenAreLeftAlone() throws Exception {
        HearthRig.assumeMounts();
        says(rig.hearth("mount", "nowhere", rig.mountPoint("nowhere").toString()), 1, "nowhere");
        says(rig.hearth("mount", "taken", directory.resolve("missing").toString()), 1, "missing");
        Path full = Files.createDirectories(directory.resolve("full"));
        Files.writeString(full.resolve("precious"), "kept");
        says(rig.hearth("mount", "taken", full.toString()), 1, "not empty");
        assertEquals("kept", Files.readString(full.resolve("precious")));
        says(rig.hearth("umount", full.toString()), 1, full.toString());

        Daemon mount = rig.mount("taken");
        says(rig.hearth("mount", "taken", rig.mountPoint("taken").toString()), 1, "mount");
        assertEquals(
                "hello",
                rig.shell.bash("cat " + rig.mountPoint("taken") + "/file.txt").ok());
        rig.hearth("umount", rig.mountPoint("taken").toString()).ok();
        HearthRig.await("the unmounted process ends", () -> !mount.process.isAlive());
        assertEquals(0, mount.process.exitValue());
    }

    @Test
    void withoutTheFuseDeviceAMountSaysSo() {
        HearthRig.assumeMounts();
        Assumptions.assumeTrue(
                rig.shell.bash("unshare -m true").exit() == 0, "hiding /dev/fuse needs a mount namespace, thus root");
        String line = rig.shell
                .bash("unshare -m bash -c 'mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3"
                        + " && mknod -m 666 /dev/urandom c 1 9 && mknod -m 666 /dev/random c 1 8 && exec "
                        + HearthRig.ROOT + "/bin/hearth mount taken " + rig.mountPoint("nofuse") + "'")
                .refused(1);
        assertTrue(line.contains("/dev/fuse"), line);
    }

    @Test
    void withoutLibfuseAMountSaysWhichPackageToInstall() {
        HearthRig.assumeMounts();
        Assumptions.assumeTrue(
                rig.shell.bash("unshare -m true").exit() == 0, "hiding libfuse needs a mount namespace, thus root");
        String line = rig.shell
                .bash("unshare -m bash -c 'for lib in $(ldconfig -p | sed -n \"s/.*libfuse\\.so\\.2.*=> //p\");"
                        + " do mount --bind /dev/null $(readlink -f $lib) || exit 9; done;"
                        + " HEARTH_MOUNT_TRANSPORT=jnr-fuse exec " + HearthRig.ROOT
                        + "/bin/hearth mount taken " + rig.mountPoint("nolibfuse") + "'")
                .refused(1);
        assertTrue(line.contains("libfuse2"), line);
    }

    @Test
    void aFullDiskDoesNotHurtAReader() throws Exception {
        HearthRig.assumeMounts();
        Path small = Files.createDirectories(directory.resolve("small-disk"));
        Assumptions.assumeTrue(
                rig.shell.bash("mount -t tmpfs -o size=4m none " + small).exit() == 0,
                "a small file system needs root");
        byte[] content = new byte[24 << 20];
        new java.util.SplittableRandom(3).nextBytes(content);
        rig.put("large/content.bin", content);
        try (HearthRig other = new HearthRig(Files.createDirectories(directory.resolve("other")), rig.store)) {
            other.startMaster();
            Daemon worker = other.startWorker("--set", "worker.tiers=SSD:" + small + "/tier:1GiB");
            other.createDataset("large", "large");
            Daemon mount = other.mount("large");
            String digest = other.shell
                    .bash("sha256sum " + other.mountPoint("large") + "/content.bin")
                    .ok();
            assertTrue(digest.startsWith(ReadThroughIT.sha256(content)), digest);
            assertTrue(worker.process.isAlive());
            mount.stop();
            worker.stop();
        } finally {
            rig.shell.bash("umount " + small).ok();
        }
    }

    private static Shell.Result hearthElsewhere(String... arguments) {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addAll(List.of("--home", directory.resolve("other-home").toString()));
        return rig.hearth(command.toArray(String[]::new));
    }

    private static Shell.Result create(String name, String... flags) {
        List<String> arguments = new ArrayList<>(List.of("dataset", "create", name));
        List<String> given = List.of(flags);
        arguments.addAll(given);
        add(arguments, given, "--origin", "s3://demo/data");
        add(arguments, given, "--endpoint", rig.store.endpoint().toString());
        add(arguments, given, "--credentials", "env");
        return rig.hearth(arguments.toArray(String[]::new));
    }

    private static void add(List<String> arguments, List<String> given, String flag, String value) {
        if (!given.contains(flag)) {
            arguments.addAll(List.of(flag, value));
        }
    }

    private static Path credentials(String name, String key, String secret) {
        try {
            return Files.writeString(
                    directory.resolve(name),
                    "[default]\naws_access_key_id = " + key + "\naws_secret_access_key = " + secret + "\n");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void assertUnknown(String dataset) {
        assertFalse(rig.hearth("dataset", "list").ok().contains(dataset), dataset + " was half-made");
    }

    private static String says(Shell.Result result, int exit, String part) {
        String line = result.refused(exit);
        assertTrue(line.contains(part), "no '" + part + "' in: " + line);
        return line;
    }
}
