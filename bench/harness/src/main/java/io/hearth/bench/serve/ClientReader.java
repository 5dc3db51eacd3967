package io.hearth.bench.serve;

import io.hearth.bench.stage.ServedObject;
import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.WorkerDirectory;
import io.hearth.client.worker.WorkerSource;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The product's own client on one connection: it receives whole frames and checks each chunk's CRC32C. Used by one
 * thread.
 */
final class ClientReader implements Pipeline.Requests, AutoCloseable {
    private static final int WAIT_SECONDS_MAX = 30;

    private final WorkerSource source;
    private final ServedObject object;
    private final Wanted wanted;
    private final Deque<CompletableFuture<Void>> asked = new ArrayDeque<>();
    private long nextOffset;

    ClientReader(ServedObject object, Wanted wanted) {
        this.object = object;
        this.wanted = wanted;
        WorkerDirectory directory = new WorkerDirectory();
        directory.update(List.of(object.worker()));
        ClientSettings oneConnection = ClientSettings.of(Map.of("client.connections", "1"));
        ClientMetrics metrics = new ClientMetrics(new SimpleMeterRegistry());
        source = new WorkerSource(directory, ClusterToken.NONE, oneConnection, metrics);
    }

    /** Reads for that time; bytes a second. */
    double read(long milliseconds) throws Exception {
        return new Pipeline(wanted, this).read(milliseconds);
    }

    @Override
    public void ask() {
        asked.add(source.fetch(
                object.context(),
                object.ref(),
                nextOffset,
                wanted.readBytes(),
                bytes -> CompletableFuture.completedFuture(null)));
        nextOffset = wanted.after(nextOffset);
    }

    @Override
    public void awaitOldest() throws Exception {
        asked.remove().get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        source.close();
    }
}
