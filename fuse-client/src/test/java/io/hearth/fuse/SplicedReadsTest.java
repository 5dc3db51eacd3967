package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.fuse.kernel.KernelTransport;
import io.hearth.protocol.Digests;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long reads of bytes that lie in a file: through a pipe to the device, and by a copy where that cannot be. */
class SplicedReadsTest {
    private static final int BYTES = 20_000_001;
    private static final Duration BOUND = Duration.ofSeconds(10);

    @TempDir
    Path files;

    private final MountMetrics metrics = new MountMetrics(new SimpleMeterRegistry());
    private FileReads reads;
    private Path directory;
    private Optional<MountedFileSystem> mount = Optional.empty();

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
        reads = new FileReads(files);
        directory = MountPoint.check(Files.createTempDirectory("hearth-spliced"));
    }

    @AfterEach
    void unmount() throws IOException {
        mount.ifPresent(MountedFileSystem::close);
        if (directory != null) {
            Files.delete(directory);
        }
    }

    private void mount(int requestBytes) {
        DatasetFileSystem fileSystem = new DatasetFileSystem(
                new TestTree().file("model.bin", BYTES, 2).build(), reads, 500, metrics, System::nanoTime);
        FuseTransport.Options options = new FuseTransport.Options(
                BOUND, 1 << 20, 64, 64, requestBytes, 64 << 20, Optional.empty(), true, Duration.ofMillis(100), BOUND);
        mount = Optional.of(new KernelTransport(metrics).mount(fileSystem, directory, options));
        mount.get().awaitReady(BOUND);
    }

    @Test
    void longReadsAreNeverCopiedHere() {
        mount(256 << 10);
        assertEquals(sha256(0, BYTES), out("dd if=$M/model.bin bs=4M iflag=direct status=none | " + SHA));
        assertTrue(reads.taken.get() >= BYTES / (256 << 10), "taken: " + reads.taken);
        assertTrue(reads.copied.get() <= 1, "the short end alone: " + reads.copied);
    }

    @Test
    void readsAtOddOffsetsFromManyReadersAreRight() {
        mount(256 << 10);
        assertEquals(
                "8 " + sha256(3001, BYTES - 3001),
                out("for i in $(seq 8); do tail -c +3002 $M/model.bin | sha256sum & done"
                        + " | sort | uniq -c | sed 's/^ *//; s/ *-$//'"));
        assertEquals(
                sha256(1_048_577, 3 << 20),
                out("dd if=$M/model.bin bs=3M count=1 skip=1048577 iflag=direct,skip_bytes status=none | " + SHA));
        assertTrue(reads.taken.get() > 0);
    }

    @Test
    void aFileThatEndsTooSoonIsLeftForTheCopyAndTheNextReadIsRight() {
        reads.fileBytesMax = 5_000_000;
        mount(256 << 10);
        for (int round = 0; round < 2; round++) {
            assertEquals(sha256(0, BYTES), out("dd if=$M/model.bin bs=4M iflag=direct status=none | " + SHA));
        }
        assertTrue(reads.taken.get() >= 2 * 5_000_000 / (256 << 10) - 2, "taken: " + reads.taken);
        assertTrue(reads.copied.get() >= 2 * 15_000_000 / (256 << 10), "copied: " + reads.copied);
    }

    @Test
    void aReaderThatIsKilledHarmsNoOther() {
        mount(256 << 10);
        assertEquals(
                sha256(0, BYTES),
                out("for i in $(seq 20); do timeout -s KILL 0.01 dd if=$M/model.bin bs=8M iflag=direct of=/dev/null"
                        + " 2>/dev/null; done 2>/dev/null; dd if=$M/model.bin bs=4M iflag=direct status=none | "
                        + SHA));
    }

    private static final String SHA = "sha256sum | cut -d' ' -f1";

    private String out(String script) {
        return Child.sh(directory, script).out();
    }

    private static String sha256(long offset, int length) {
        MessageDigest digest = Digests.sha256();
        digest.update(Pattern.bytes(2, offset, length));
        return HexFormat.of().formatHex(digest.digest());
    }
}
