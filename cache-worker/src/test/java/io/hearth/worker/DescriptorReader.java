package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.FallbackSource;
import io.hearth.client.FileWatcher;
import io.hearth.client.Intents;
import io.hearth.client.ObjectReads.OpenObject;
import io.hearth.client.Source;
import io.hearth.client.WorkerDirectory;
import io.hearth.client.local.LocalFiles;
import io.hearth.client.local.LocalSettings;
import io.hearth.client.read.LocalReads;
import io.hearth.client.read.StreamedReads;
import io.hearth.client.worker.WorkerSource;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.protocol.trust.ClusterToken;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The read path of a mount beside a worker: descriptors, then the data plane, then the origin. */
final class DescriptorReader implements AutoCloseable {
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final WorkerDirectory directory = new WorkerDirectory();
    private final WorkerSource workers;
    private final Optional<LocalFiles> local;
    private final StreamedReads reads;

    DescriptorReader(Path home, Source origin, Map<String, String> overrides) {
        Map<String, String> values = new HashMap<>(Map.of(
                "client.descriptor-min-size", "1",
                "client.descriptor-wait", "10s",
                "client.descriptor-retry", "20ms",
                "client.down-min", "10ms",
                "client.down-max", "50ms"));
        values.putAll(overrides);
        ClientSettings settings = new SettingsBinder(home).bind(ClientSettings.class, values);
        ClientMetrics metrics = new ClientMetrics(registry);
        workers = new WorkerSource(directory, ClusterToken.NONE, settings, metrics);
        local = LocalFiles.start(LocalSettings.of(home, values), workers, metrics);
        reads = new StreamedReads(
                new FallbackSource(workers, origin, metrics),
                workers,
                local.<LocalReads>map(files -> files).orElse(LocalReads.NONE),
                Intents.NONE,
                WireClient.CONTEXT,
                settings,
                metrics);
    }

    /** Reads from this worker from now on. */
    DescriptorReader follow(Worker worker) {
        directory.update(List.of(new WorkerAddress(worker.id(), "127.0.0.1", worker.dataPort())));
        return this;
    }

    /** Waits until the worker's socket has answered. */
    DescriptorReader connected() throws InterruptedException {
        WorkerRig.await("the worker's socket answers", () -> local.orElseThrow().connected());
        return this;
    }

    void watch(FileWatcher watcher) {
        reads.watch(watcher);
    }

    OpenObject open(ObjectRef object) {
        return reads.open(object);
    }

    /** Reads all of it in pieces of 128 KiB, as the kernel asks, and compares. */
    void sequential(ObjectRef object) {
        try (OpenObject open = open(object)) {
            for (long at = 0; at < object.sizeBytes(); at += 128 << 10) {
                read(open, object, at, (int) Math.min(128 << 10, object.sizeBytes() - at), "");
            }
        }
    }

    static void read(OpenObject open, ObjectRef object, long offset, int length, String what) {
        ByteBuffer target = ByteBuffer.allocate(length);
        open.read(offset, target);
        assertArrayEquals(
                FakeOrigin.expected(object, offset, length),
                target.array(),
                what + " " + object.key() + " at " + offset);
    }

    double bytesFrom(String source) {
        return registry.get("hearth.client.source.bytes")
                .tag("source", source)
                .counter()
                .count();
    }

    double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    double counter(String name) {
        return registry.get(name).counter().count();
    }

    @Override
    public void close() {
        reads.close();
        local.ifPresent(LocalFiles::close);
        workers.close();
    }
}
