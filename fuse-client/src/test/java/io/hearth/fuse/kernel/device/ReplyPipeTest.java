package io.hearth.fuse.kernel.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replies from a file; another file stands for the device. */
class ReplyPipeTest {
    private static final int DATA_BYTES_MAX = 256 << 10;
    private static final int FILE_BYTES = 1_000_003;
    private static final int O_RDWR_CREAT = 02 | 0100;

    @TempDir
    Path directory;

    private final Libc libc = Libc.load();
    private final NativeBuffer header = NativeBuffer.allocate(16);
    private final byte[] content = new byte[FILE_BYTES];
    private ReplyPipe pipe;
    private int file;
    private int device;

    @BeforeEach
    void open() throws IOException {
        new SplittableRandom(5).nextBytes(content);
        Files.write(directory.resolve("file"), content);
        Files.createFile(directory.resolve("device"));
        file = libc.open(directory.resolve("file").toString(), 0);
        device = libc.open(directory.resolve("device").toString(), O_RDWR_CREAT);
        pipe = new ReplyPipe(libc, DATA_BYTES_MAX);
        for (int i = 0; i < 16; i++) {
            header.bytes().put(i, (byte) (100 + i));
        }
    }

    @AfterEach
    void close() {
        pipe.close();
        libc.close(file);
        libc.close(device);
    }

    @Test
    void headerAndBytesArriveAsOneMessageWhateverTheOffset() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 50; round++) {
            int length = 1 + random.nextInt(DATA_BYTES_MAX);
            int offset = random.nextInt(FILE_BYTES - length);
            assertArrives(offset, length);
        }
        assertArrives(4095, DATA_BYTES_MAX);
        assertArrives(FILE_BYTES - 1, 1);
    }

    @Test
    void bytesBeyondTheFilesEndAreNotTakenAndLeaveNothingBehind() throws IOException {
        assertFalse(pipe.fill(header, file, FILE_BYTES - 5000, 5001));
        assertFalse(pipe.filled());
        assertArrives(FILE_BYTES - 5000, 5000);
    }

    @Test
    void aFileThatIsClosedAndAReadThatIsTooLongAreNotTaken() throws IOException {
        assertFalse(pipe.fill(header, 987_654, 0, 10));
        assertFalse(pipe.fill(header, file, 0, DATA_BYTES_MAX + 1));
        assertArrives(0, 10);
    }

    @Test
    void aDeviceThatRefusesGetsNothingOfItLater() throws IOException {
        assertTrue(pipe.fill(header, file, 0, 100_000));
        assertEquals(9, pipe.drainTo(987_654), "EBADF");
        assertFalse(pipe.filled());
        assertArrives(33, 70_000);
    }

    @Test
    void aPipeThatCannotBeLargeEnoughTakesNothing() {
        try (ReplyPipe huge = new ReplyPipe(libc, 1 << 30)) {
            assertFalse(huge.fill(header, file, 0, 10));
            assertFalse(huge.fill(header, file, 0, 10));
        }
    }

    private void assertArrives(int offset, int length) throws IOException {
        int before = (int) Files.size(directory.resolve("device"));
        assertTrue(pipe.fill(header, file, offset, length), "offset " + offset + ", length " + length);
        assertTrue(pipe.filled());
        assertEquals(0, pipe.drainTo(device));
        assertFalse(pipe.filled());
        byte[] written = Files.readAllBytes(directory.resolve("device"));
        assertEquals(before + 16 + length, written.length);
        assertEquals(100, written[before]);
        assertArrayEquals(
                Arrays.copyOfRange(content, offset, offset + length),
                Arrays.copyOfRange(written, before + 16, written.length));
    }
}
