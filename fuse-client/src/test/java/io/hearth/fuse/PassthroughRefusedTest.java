package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Kernels that will not read a file themselves: nothing fails, and one line says why. */
class PassthroughRefusedTest {
    private static final int BYTES = 1_000_001;
    private static final Optional<Duration> WAIT = Optional.of(Duration.ofSeconds(10));

    /** As Linux 6.18 offers. */
    private static final int FLAGS = 0x73fffffb;

    private static final int INIT_EXT = 1 << 30;
    private static final int PASSTHROUGH = 1 << 5;
    private static final int OPEN_PASSTHROUGH = 1 << 7;

    @TempDir
    Path files;

    private final MountMetrics metrics = new MountMetrics(new SimpleMeterRegistry());
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.hearth.fuse.kernel.session");
    private FileReads reads;
    private DatasetFileSystem fileSystem;

    @BeforeEach
    void prepare() {
        reads = new FileReads(files);
        reads.whole(true);
        fileSystem = new DatasetFileSystem(
                new TestTree().file("model.bin", BYTES, 2).build(), reads, 500, metrics, System::nanoTime);
        logger.setLevel(Level.INFO);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void forget() {
        logger.detachAppender(lines);
        logger.setLevel(null); // As its parent's.
        assertEquals(0, reads.held.get(), "every file is let go");
    }

    @Test
    void aKernelThatDoesNotOfferItIsNotAskedAndThatIsToldOnce() throws Exception {
        try (ScriptedKernel kernel = new ScriptedKernel(fileSystem, metrics, WAIT)) {
            long flags = kernel.init(45, FLAGS, 0x5fd & ~PASSTHROUGH);
            assertEquals(0, flags >>> 32, "none of the further flags");
            readTwiceByRequests(kernel);
        }
        assertEquals(0, reads.wholeAsked.get());
        assertEquals(1, told("this kernel cannot read them itself (Linux 6.9 can)"));
        assertEquals(1, told(""));
    }

    @Test
    void aKernelWithoutTheFurtherFlagsIsNotAskedEither() throws Exception {
        try (ScriptedKernel kernel = new ScriptedKernel(fileSystem, metrics, WAIT)) {
            long flags = kernel.init(31, FLAGS & ~INIT_EXT, PASSTHROUGH);
            assertEquals(0, flags >>> 32);
            assertEquals(0, flags & INIT_EXT);
            readTwiceByRequests(kernel);
        }
        assertEquals(1, told("this kernel cannot read them itself"));
    }

    @Test
    void passthroughThatIsOffIsNotTakenAndNotTold() throws Exception {
        try (ScriptedKernel kernel = new ScriptedKernel(fileSystem, metrics, Optional.empty())) {
            assertEquals(0, kernel.init(45, FLAGS, 0x5fd) >>> 32);
            readTwiceByRequests(kernel);
        }
        assertEquals(0, told(""));
    }

    /** A socket knows no such call: ENOTTY, as from a kernel that was built without it. */
    @Test
    void aKernelThatOffersItAndRefusesTheCallIsNotAskedAgainAndThatIsToldOnce() throws Exception {
        try (ScriptedKernel kernel = new ScriptedKernel(fileSystem, metrics, WAIT)) {
            assertEquals(PASSTHROUGH, kernel.init(45, FLAGS, 0x5fd) >>> 32);
            readTwiceByRequests(kernel);
        }
        assertEquals(1, reads.wholeAsked.get());
        assertEquals(1, told("the kernel cannot (errno 25)"));
        assertEquals(1, told(""));
    }

    private void readTwiceByRequests(ScriptedKernel kernel) {
        long node = kernel.lookup(1, "model.bin");
        for (int round = 0; round < 2; round++) {
            ByteBuffer opened = kernel.open(node);
            assertEquals(0, opened.getInt(8) & OPEN_PASSTHROUGH);
            assertEquals(0, opened.getInt(12), "no file is named");
            assertArrayEquals(Pattern.bytes(2, 70_001, 4096), kernel.read(node, opened.getLong(0), 70_001, 4096));
            kernel.release(node, opened.getLong(0));
        }
    }

    private long told(String part) {
        return List.copyOf(lines.list).stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.INFO))
                .filter(line -> line.getFormattedMessage().contains(part))
                .count();
    }
}
