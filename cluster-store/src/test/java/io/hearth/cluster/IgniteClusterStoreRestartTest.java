package io.hearth.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class IgniteClusterStoreRestartTest {
    @TempDir
    private Path directory;

    @Test
    @Timeout(60)
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        List<String> acknowledged = new ArrayList<>();
        Process writer = writer();
        try (BufferedReader out = writer.inputReader()) {
            while (acknowledged.size() < 200) {
                String line = out.readLine();
                assertTrue(line != null, "the writer ended after " + acknowledged.size() + " keys");
                assertTrue(line.startsWith("key-"), "the store printed " + line);
                acknowledged.add(line);
            }
            writer.toHandle().destroyForcibly(); // Process.destroyForcibly would close the stream.
            out.lines().filter(line -> line.startsWith("key-")).forEach(acknowledged::add);
        } finally {
            writer.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        try (ClusterStore store = IgniteClusterStore.open(TestStores.settings(directory), Clock.systemUTC())) {
            TransactionalMap<String> left = store.map("left", Codec.text());
            TransactionalMap<String> right = store.map("right", Codec.text());
            for (String key : acknowledged) {
                assertEquals(Optional.of("left of " + key), left.get(key));
                assertEquals(Optional.of("right of " + key), right.get(key));
            }
            // One more may have been committed but not printed; never half of it.
            String next = "key-" + acknowledged.size();
            assertEquals(left.get(next).isPresent(), right.get(next).isPresent());
            DurableQueue<String> queue = store.queue("jobs", Codec.text(), 1_000_000);
            assertTrue(queue.length() > acknowledged.size());
            assertEquals(
                    "key-0",
                    queue.poll("me", Duration.ofMinutes(1)).orElseThrow().item());
            assertEquals(1, queue.releaseClaims("dead"));
            assertEquals(
                    "claimed by the dead",
                    queue.poll("me", Duration.ofMinutes(1)).orElseThrow().item());
        }
    }

    @Test
    void aSecondStoreOnTheDirectoryIsRefused() {
        try (ClusterStore store = IgniteClusterStore.open(TestStores.settings(directory), Clock.systemUTC())) {
            assertTrue(store.ready());
            HearthException refused = refusal(TestStores.settings(directory));
            assertEquals(FailureKind.CONFLICT, refused.kind());
            assertEquals(
                    "another master is running on " + directory
                            + ": stop it, or give this one its own cluster.directory",
                    refused.getMessage());
        }
    }

    @Test
    void aClosedStoreSaysSoAndItsFilesStayInItsDirectory() throws IOException {
        ClusterStore store = IgniteClusterStore.open(TestStores.settings(directory), Clock.systemUTC());
        TransactionalMap<String> map = store.map("m", Codec.text());
        store.close();
        store.close();
        assertFalse(store.ready());
        HearthException closed = assertThrows(HearthException.class, () -> map.get("k"));
        assertEquals(FailureKind.UNAVAILABLE, closed.kind());
        assertFalse(closed.getMessage().contains("\n"));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    List.of("LOCK", "VERSION", "ignite"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertFalse(Files.exists(Path.of("work")));
        assertFalse(Files.exists(Path.of("ignite")));
    }

    @Test
    void aStoreOfALaterFormatIsRefused() throws IOException {
        Files.writeString(directory.resolve("VERSION"), "hearth cluster store 2\n");
        HearthException refused = refusal(TestStores.settings(directory));
        assertEquals(FailureKind.UNSUPPORTED_VERSION, refused.kind());
        assertTrue(refused.getMessage().contains("'hearth cluster store 2'"), refused.getMessage());
        assertFalse(Files.exists(directory.resolve("ignite")));
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            ClusterSettings settings = new io.hearth.protocol.settings.SettingsBinder(directory)
                    .bind(
                            ClusterSettings.class,
                            Map.of(
                                    "cluster.directory",
                                    directory.toString(),
                                    "cluster.discovery-port",
                                    "" + taken.getLocalPort()));
            HearthException refused = refusal(settings);
            assertEquals(FailureKind.CONFLICT, refused.kind());
            assertTrue(refused.getMessage().contains("127.0.0.1:" + taken.getLocalPort()), refused.getMessage());
            assertTrue(refused.getMessage().contains("cluster.discovery-port"), refused.getMessage());
        }
    }

    private static HearthException refusal(ClusterSettings settings) {
        return assertThrows(
                HearthException.class,
                () -> IgniteClusterStore.open(settings, Clock.systemUTC()).close());
    }

    private Process writer() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-opens"))
                .forEach(command::add);
        command.addAll(
                List.of("-Xmx512m", "-cp", System.getProperty("java.class.path"), WritingProcess.class.getName()));
        command.add(directory.toString());
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
