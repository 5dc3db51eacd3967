package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The threads that tell the kernel which names to forget, when their session ends. */
class NoticesEndTest {
    /** More notices than a socket takes at once: they wait for who reads them. */
    private static final int NAMES = 2000;

    private final MountMetrics metrics = new MountMetrics(new SimpleMeterRegistry());

    @Test
    void noticesThatTheKernelTakesEndWithTheSession() throws Exception {
        try (ScriptedKernel kernel = refreshed()) {
            for (int notice = 0; notice < NAMES; notice++) {
                kernel.notice();
            }
            assertTrue(kernel.leave(TestMount.BOUND));
            assertFalse(kernel.deviceIsOpen());
        }
    }

    /** All names have gone by a refresh. */
    private ScriptedKernel refreshed() {
        TestTree tree = new TestTree();
        for (int i = 0; i < NAMES; i++) {
            tree.file("f" + i, i, i);
        }
        DatasetFileSystem fileSystem =
                new DatasetFileSystem(tree.build(), new MemoryReads(), 500, metrics, System::nanoTime);
        ScriptedKernel kernel = new ScriptedKernel(fileSystem, metrics, Optional.empty());
        kernel.init(45, 0x73fffffb, 0x5fd);
        fileSystem.switchTo(new TestTree().build(Optional.of(fileSystem.tree())));
        return kernel;
    }
}
