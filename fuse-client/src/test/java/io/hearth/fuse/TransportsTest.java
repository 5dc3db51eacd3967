package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TransportsTest {
    private static final Duration BOUND = Duration.ofSeconds(1);
    private static final FuseTransport.Options OPTIONS = TestMount.options(BOUND, 1 << 20, 1 << 20, Optional.empty());

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final DatasetFileSystem tree = new DatasetFileSystem(
            new TestTree().build(), new MemoryReads(), 10, new MountMetrics(new SimpleMeterRegistry()), () -> 1);

    /** A transport whose mounts stand, or do not. */
    private record FakeTransport(String name, boolean ready) implements FuseTransport {
        @Override
        public MountedFileSystem mount(FuseFileSystem fileSystem, Path directory, Options options) {
            return new MountedFileSystem() {
                @Override
                public void awaitReady(Duration bound) {
                    if (!ready) {
                        throw new HearthException(FailureKind.TIMEOUT, name + " does not answer");
                    }
                }

                @Override
                public boolean isAlive() {
                    return ready;
                }

                @Override
                public CompletableFuture<Void> ended() {
                    return new CompletableFuture<>();
                }

                @Override
                public void close() {}
            };
        }
    }

    private static FuseTransport missing(String what) {
        throw new HearthException(FailureKind.UNAVAILABLE, what + " is not here");
    }

    private void mount(TransportChoice choice, boolean kernelReady, boolean jnrThere, String directory) {
        new Transports(
                        choice,
                        () -> new FakeTransport("kernel", kernelReady),
                        () -> jnrThere ? new FakeTransport("jnr-fuse", true) : missing("libfuse 2"),
                        new MountMetrics(meters))
                .mount(tree, Path.of(directory), OPTIONS, BOUND);
    }

    private double served(String transport) {
        return meters.get("hearth.mount.transport")
                .tag("transport", transport)
                .gauge()
                .value();
    }

    @Test
    void autoTakesTheKernelsOwnProtocolAndNeedsNoLibfuse() {
        mount(TransportChoice.AUTO, true, false, "/mnt");
        assertEquals(1, served("kernel"));
        assertEquals(0, served("jnr-fuse"));
    }

    @Test
    void autoFallsBackToLibfuse() {
        mount(TransportChoice.AUTO, false, true, "/mnt");
        assertEquals(0, served("kernel"));
        assertEquals(1, served("jnr-fuse"));
    }

    @Test
    void whatWasAskedForByNameIsTakenOrFails() {
        mount(TransportChoice.JNR_FUSE, true, true, "/mnt");
        assertEquals(1, served("jnr-fuse"));
        HearthException failure =
                assertThrows(HearthException.class, () -> mount(TransportChoice.KERNEL, false, true, "/mnt"));
        assertEquals("kernel does not answer", failure.getMessage());
    }

    @Test
    void whereNothingWorksBothReasonsAreTold() {
        HearthException failure =
                assertThrows(HearthException.class, () -> mount(TransportChoice.AUTO, false, false, "/mnt"));
        assertEquals("kernel does not answer; and by libfuse 2: libfuse 2 is not here", failure.getMessage());
    }

    @Test
    void aDescriptorIsNeverGivenToLibfuse() {
        HearthException failure =
                assertThrows(HearthException.class, () -> mount(TransportChoice.AUTO, false, true, "/dev/fd/9"));
        assertEquals("kernel does not answer", failure.getMessage());
    }
}
