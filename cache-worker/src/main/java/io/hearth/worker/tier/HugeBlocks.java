package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether and how the blocks of one tier get huge pages: where it is memory, until the kernel refuses the first.
 * Thread-safe.
 */
final class HugeBlocks {
    private static final Logger LOG = LoggerFactory.getLogger(HugeBlocks.class);

    private final TierIo io;
    private final Path directory;
    private volatile boolean serves;
    private volatile boolean served;

    HugeBlocks(TierIo io, TierSpec spec, TierSettings settings) {
        this.io = io;
        this.directory = spec.directory();
        this.serves = spec.medium() == Medium.MEM && settings.hugePages() == HugePageUse.AUTO;
    }

    boolean serves() {
        return serves;
    }

    /** Where it {@link #serves}. Blocks; never fails: what gets none is written to small pages. */
    void prepare(Path file, long offset, long length) {
        try {
            served |= io.prepareHuge(file, offset, length);
        } catch (UnsupportedOperationException e) {
            // A single refusal after others were served is of that block.
            serves = served;
            LOG.debug("tier {} has small pages: {}", directory, e.getMessage());
        } catch (IOException e) {
            LOG.debug("no huge pages for a block of {}", file, e);
        }
    }
}
