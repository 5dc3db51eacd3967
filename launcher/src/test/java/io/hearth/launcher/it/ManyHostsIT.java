package io.hearth.launcher.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.testing.hosts.Host;
import io.hearth.testing.hosts.Hosts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store, a master, a worker and a mount, each on a host of its own, that have a token in common and no keys. */
class ManyHostsIT {
    private static final int BYTES = 5 << 20;

    @TempDir
    static Path directory;

    private static Hosts hosts;
    private static HostedHearth cluster;
    private static byte[] first;
    private static byte[] second;

    @BeforeAll
    static void start() throws Exception {
        HearthRig.assumeMounts();
        Assumptions.assumeTrue(Hosts.missing().isEmpty(), () -> Hosts.missing().orElse("something is missing"));
        first = bytes(1);
        second = bytes(2);
        Path bucket = Files.createDirectories(directory.resolve("s3/demo/set"));
        Files.write(bucket.resolve("first.bin"), first);
        Files.write(bucket.resolve("second.bin"), second);
        hosts = Hosts.open();
        cluster = HostedHearth.start(directory, hosts);
    }

    private static byte[] bytes(long seed) {
        byte[] bytes = new byte[BYTES];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    @AfterAll
    static void stop() {
        try {
            if (cluster != null) {
                cluster.close();
            }
        } finally {
            if (hosts != null) {
                hosts.close();
            }
        }
    }

    @Test
    void aMountReadsThroughAWorkerElsewhereAndWithoutItFromTheStore() throws Exception {
        Host workerHost = hosts.add();
        Host mountHost = hosts.add();
        HearthRig.Daemon worker =
                cluster.start(workerHost, "worker", "worker", "--set", "worker.host=" + workerHost.address());
        assertTrue(worker.ready().contains("data on " + workerHost.address()), worker.ready());
        HearthRig.await(
                "the master knows the worker",
                () -> told("doctor", "-o", "json").contains("\"worker "));
        Path mounted = Files.createDirectories(directory.resolve("mnt"));
        HearthRig.Daemon mount = cluster.start(mountHost, "mount", "mount", "set", mounted.toString());
        assertArrayEquals(first, Files.readAllBytes(mounted.resolve("first.bin")));
        HearthRig.await(
                "the master knows that the worker has it",
                () -> told("where", "set").contains("5MiB"));
        workerHost.cut();
        assertArrayEquals(second, Files.readAllBytes(mounted.resolve("second.bin")), "by the ticket, from the store");
        workerHost.heal();
        mount.stop();
    }

    private static String told(String... words) {
        try {
            return cluster.hearth(words).out();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
