package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.client.ObjectReads;
import io.hearth.fuse.kernel.KernelTransport;
import io.hearth.protocol.Digests;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A file system and a directory for it, mounted by the kernel transport when a test says so. Names may be kept for an
 * hour, so what shows at once was told.
 */
final class TestMount implements AutoCloseable {
    static final Duration BOUND = Duration.ofSeconds(20);

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final MountMetrics metrics = new MountMetrics(meters);
    final Path directory;
    final DatasetFileSystem fileSystem;
    private Optional<MountedFileSystem> mounted = Optional.empty();

    /** Skips the test where there is no device. */
    TestMount(TestTree tree, ObjectReads reads) throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        directory = MountPoint.check(Files.createTempDirectory("hearth-mount"));
        fileSystem = new DatasetFileSystem(tree.build(), reads, 500, metrics, System::nanoTime);
    }

    /** As a mount has them, but for what a test is about. */
    static FuseTransport.Options options(
            Duration cacheFor, int requestBytes, long replyBytesMax, Optional<Duration> passthroughWait) {
        return new FuseTransport.Options(
                cacheFor,
                1 << 20,
                64,
                128,
                requestBytes,
                replyBytesMax,
                passthroughWait,
                true,
                Duration.ofMillis(100),
                BOUND);
    }

    private static FuseTransport.Options options(int requestBytes, long replyBytesMax, Optional<Duration> wait) {
        return options(Duration.ofHours(1), requestBytes, replyBytesMax, wait);
    }

    /** With requests of that size, and no passthrough. */
    void mount(int requestBytes) {
        mount(directory, requestBytes, 64 << 20);
    }

    void mount(Path where, int requestBytes, long replyBytesMax) {
        mount(where, options(requestBytes, replyBytesMax, Optional.empty()));
    }

    /** With passthrough, or without. */
    void mountPassing(Optional<Duration> wait) {
        mount(directory, options(256 << 10, 64 << 20, wait));
    }

    private void mount(Path where, FuseTransport.Options options) {
        mounted = Optional.of(new KernelTransport(metrics).mount(fileSystem, where, options));
        mounted.get().awaitReady(BOUND);
    }

    MountedFileSystem mounted() {
        return mounted.orElseThrow();
    }

    /** What a script says, with the mount point as {@code $M}. */
    String out(String script) {
        return Child.sh(directory, script).out();
    }

    /** A class of the tests over one of its files, in a process of its own. */
    Child.Running java(Class<?> main, String file, String... arguments) {
        List<String> all = new ArrayList<>(List.of(directory.resolve(file).toString()));
        all.addAll(List.of(arguments));
        return Child.java(directory, main, all.toArray(String[]::new));
    }

    double operations(String operation) {
        return meters.get("hearth.mount.operations")
                .tag("operation", operation)
                .timer()
                .count();
    }

    double opens(String path) {
        return meters.get("hearth.mount.opens").tag("path", path).counter().count();
    }

    double errors(String errno) {
        return meters.get("hearth.mount.errors").tag("errno", errno).counter().count();
    }

    static void waitFor(BooleanSupplier condition) {
        long deadline = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "the condition did not come about");
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** Of the bytes of a test's object. */
    static String sha256(long seed, long offset, int length) {
        MessageDigest digest = Digests.sha256();
        digest.update(Pattern.bytes(seed, offset, length));
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Unmounts; nothing is left. */
    @Override
    public void close() {
        mounted.ifPresent(MountedFileSystem::close);
        assertEquals(Optional.empty(), new MountTable().at(directory));
        try {
            Files.delete(directory);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
