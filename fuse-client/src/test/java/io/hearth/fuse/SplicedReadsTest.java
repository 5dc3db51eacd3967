package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long reads of bytes that lie in a file: through a pipe to the device, and by a copy where that cannot be. */
class SplicedReadsTest {
    private static final int BYTES = 20_000_001;

    @TempDir
    Path files;

    private FileReads reads;
    private Optional<TestMount> mount = Optional.empty();

    @BeforeEach
    void prepare() throws IOException {
        reads = new FileReads(files);
        mount = Optional.of(new TestMount(new TestTree().file("model.bin", BYTES, 2), reads));
        mount.get().mount(256 << 10);
    }

    @AfterEach
    void unmount() {
        mount.ifPresent(TestMount::close);
    }

    @Test
    void longReadsAreNeverCopiedHere() {
        assertEquals(sha256(0, BYTES), out("dd if=$M/model.bin bs=4M iflag=direct status=none | " + SHA));
        assertTrue(reads.taken.get() >= BYTES / (256 << 10), "taken: " + reads.taken);
        assertTrue(reads.copied.get() <= 1, "the short end alone: " + reads.copied);
    }

    @Test
    void readsAtOddOffsetsFromManyReadersAreRight() {
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
        for (int round = 0; round < 2; round++) {
            assertEquals(sha256(0, BYTES), out("dd if=$M/model.bin bs=4M iflag=direct status=none | " + SHA));
        }
        assertTrue(reads.taken.get() >= 2 * 5_000_000 / (256 << 10) - 2, "taken: " + reads.taken);
        assertTrue(reads.copied.get() >= 2 * 15_000_000 / (256 << 10), "copied: " + reads.copied);
    }

    @Test
    void aReaderThatIsKilledHarmsNoOther() {
        assertEquals(
                sha256(0, BYTES),
                out("for i in $(seq 20); do timeout -s KILL 0.01 dd if=$M/model.bin bs=8M iflag=direct of=/dev/null"
                        + " 2>/dev/null; done 2>/dev/null; dd if=$M/model.bin bs=4M iflag=direct status=none | "
                        + SHA));
    }

    private static final String SHA = "sha256sum | cut -d' ' -f1";

    private String out(String script) {
        return mount.orElseThrow().out(script);
    }

    private static String sha256(long offset, int length) {
        return TestMount.sha256(2, offset, length);
    }
}
