package io.hearth.bench.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hearth.bench.process.OwnProcess;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One TCP stream over loopback between two processes that do nothing else, by iperf3 with its defaults. */
record Iperf(Path logs) {
    /** The program, and the package that has it. */
    static final String PROGRAM = "iperf3";

    private static final Duration START_BOUND = Duration.ofSeconds(10);
    private static final double BITS = 8;

    /** Sends for that many seconds; bytes a second at the receiver. */
    double measure(int seconds) throws IOException {
        String port = Integer.toString(freePort());
        Path served = Files.createTempFile(logs, "server", ".log");
        Path answer = Files.createTempFile(logs, "client", ".json");
        List<String> server = List.of(PROGRAM, "-s", "-1", "-B", "127.0.0.1", "-p", port, "--forceflush");
        try (OwnProcess listening = OwnProcess.start("iperf3's server", served, server, Map.of())) {
            listening.awaitLine("Server listening on ", START_BOUND);
            List<String> client =
                    List.of(PROGRAM, "-c", "127.0.0.1", "-p", port, "-t", Integer.toString(seconds), "-J");
            OwnProcess.complete(PROGRAM, answer, client, Map.of(), START_BOUND.plusSeconds(seconds));
        }
        JsonNode received = new ObjectMapper().readTree(answer.toFile()).at("/end/sum_received/bits_per_second");
        if (!received.isNumber()) {
            throw new HearthException(FailureKind.INTERNAL, "iperf3 did not say what it received: see " + answer);
        }
        return received.doubleValue() / BITS;
    }

    /** Free now; whoever takes it first makes the server fail with a line that says so. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
