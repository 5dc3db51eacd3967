package io.hearth.testing.hosts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostsTest {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @BeforeEach
    void need() {
        Assumptions.assumeTrue(Hosts.missing().isEmpty(), () -> Hosts.missing().orElse("something is missing"));
    }

    private static ProcessBuilder on(Host host, String... words) {
        List<String> command = new ArrayList<>(List.of(
                JAVA,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                OneByteMain.class.getName()));
        command.addAll(List.of(words));
        return new ProcessBuilder(host.command(command));
    }

    private static int ask(Host from, Host to, String port) throws IOException, InterruptedException {
        Process asking = on(from, "ask", to.address(), port).inheritIO().start();
        assertTrue(asking.waitFor(30, TimeUnit.SECONDS));
        return asking.exitValue();
    }

    @Test
    void hostsReachEachOtherUnlessTheLinkIsCut() throws Exception {
        try (Hosts hosts = Hosts.open()) {
            Host one = hosts.add();
            Host two = hosts.add();
            two.rate(100_000_000, 100_000_000);
            Process server = on(two, "serve", two.address()).start();
            try {
                String port = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))
                        .readLine();
                assertEquals(0, ask(one, two, port));
                two.cut();
                assertNotEquals(0, ask(one, two, port));
                two.heal();
                assertEquals(0, ask(one, two, port));
            } finally {
                server.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void aRateIsSetAnew() throws Exception {
        try (Hosts hosts = Hosts.open()) {
            Host host = hosts.add();
            host.rate(100_000_000, 50_000_000);
            host.rate(10_000_000, 5_000_000);
            Process tc = new ProcessBuilder(host.command(List.of("tc", "qdisc", "show", "dev", "eth0"))).start();
            String shown = new String(tc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(shown.contains("tbf") && shown.contains("rate 10Mbit"), shown);
        }
    }

    @Test
    void nothingIsLeftBehind() {
        Path namespaces = Path.of("/run/netns");
        String made;
        try (Hosts hosts = Hosts.open()) {
            made = hosts.add().toString().split(" ")[0];
            assertTrue(Files.exists(namespaces.resolve(made)));
        }
        assertFalse(Files.exists(namespaces.resolve(made)));
    }
}
