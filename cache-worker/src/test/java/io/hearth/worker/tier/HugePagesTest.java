package io.hearth.worker.tier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HugePagesTest {
    private static final int BLOCK = 8 << 20;
    private static final int SIZE = BLOCK + (3 << 20);
    private static final Path MEMORY = Path.of("/dev/shm");

    private final Random random = new Random(1);
    private Path directory;

    @BeforeEach
    void memory() throws IOException {
        assumeTrue(Files.isDirectory(MEMORY) && said("-f", "%T", MEMORY).equals("tmpfs"), "there is no /dev/shm");
        directory = Files.createTempDirectory(MEMORY, "hearth-huge");
    }

    @AfterEach
    void delete() throws IOException {
        for (String name : new String[] {"file", "probe"}) {
            Files.deleteIfExists(directory.resolve(name));
        }
        Files.delete(directory);
    }

    private Path file(String name, int sizeBytes) throws IOException {
        Path path = directory.resolve(name);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(sizeBytes);
        }
        return path;
    }

    private void assumeKernelHasThem() throws IOException {
        try {
            assumeTrue(HugePages.prepare(file("probe", BLOCK), 0, BLOCK), "the kernel has no free huge page now");
        } catch (UnsupportedOperationException e) {
            assumeTrue(false, "huge pages of tmpfs files need Linux 6.1");
        }
    }

    private static byte[] write(Path path, int offset, byte[] bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(offset);
            file.write(bytes);
        }
        return bytes;
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void aPreparedBlockTakesItsMemoryAtOnceAndKeepsTheFilesLength() throws IOException {
        assumeKernelHasThem();
        Path path = file("file", SIZE);
        assertTrue(HugePages.prepare(path, 0, BLOCK));
        assertTrue(allocatedBytes(path) == BLOCK, "allocated " + allocatedBytes(path));
        assertTrue(HugePages.prepare(path, BLOCK, SIZE - BLOCK), "the whole 2 MiB of the last block");
        assertTrue(allocatedBytes(path) == BLOCK + HugePages.BYTES, "allocated " + allocatedBytes(path));
        assertArrayEquals(new byte[SIZE], Files.readAllBytes(path), "zeros, and the length as it was");
    }

    @Test
    void bytesWrittenBeforeAndAfterStay() throws IOException {
        assumeKernelHasThem();
        Path path = file("file", SIZE);
        byte[] wanted = new byte[SIZE];
        byte[] before = write(path, 1 << 20, noise(1 << 20));
        System.arraycopy(before, 0, wanted, 1 << 20, before.length);
        HugePages.prepare(path, 0, BLOCK);
        byte[] after = write(path, (5 << 20) + 17, noise(1 << 20));
        System.arraycopy(after, 0, wanted, (5 << 20) + 17, after.length);
        HugePages.prepare(path, 0, BLOCK);
        assertArrayEquals(wanted, Files.readAllBytes(path));
    }

    @Test
    void nothingIsDoneBelowAHugePageOrBesideItsBorders() throws IOException {
        Path path = file("file", SIZE);
        assertFalse(HugePages.prepare(path, 0, HugePages.BYTES - 1));
        assertFalse(HugePages.prepare(path, 4096, BLOCK));
        assertTrue(allocatedBytes(path) == 0);
    }

    @Test
    void aFileThatIsGoneIsTold() {
        assertThrows(
                NoSuchFileException.class, () -> HugePages.prepare(directory.resolve("never"), 0, HugePages.BYTES));
    }

    @Test
    void aFileOfADiskKeepsItsPages(@TempDir Path disk) throws IOException {
        assumeTrue(!said("-f", "%T", disk).equals("tmpfs"), "temporary files are in memory here");
        Path path = Files.write(disk.resolve("file"), noise(BLOCK));
        byte[] before = Files.readAllBytes(path);
        try {
            HugePages.prepare(path, 0, BLOCK);
        } catch (UnsupportedOperationException e) {
            // As good: the tier does not ask again.
        }
        assertTrue(Arrays.equals(before, Files.readAllBytes(path)));
    }

    private static long allocatedBytes(Path path) throws IOException {
        return 512 * Long.parseLong(said("-L", "%b", path));
    }

    /** What {@code stat} says; Java does not know the file system of a path in a chroot. */
    private static String said(String flag, String format, Path path) throws IOException {
        Process stat = new ProcessBuilder("stat", flag, "-c", format, path.toString()).start();
        return new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    }
}
