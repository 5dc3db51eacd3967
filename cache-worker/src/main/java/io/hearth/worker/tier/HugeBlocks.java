package io.hearth.worker.tier;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether and how the blocks of one tier get huge pages: where it is memory, until the kernel refuses the first, and not where
 * they are dear. Thread-safe.
 */
final class HugeBlocks {
    private static final Logger LOG = LoggerFactory.getLogger(HugeBlocks.class);

    private final TierIo io;
    private final Path directory;
    /** Empty where the price is no matter. */
    private final Optional<HugePace> pace;

    private volatile boolean serves;
    private volatile boolean served;

    HugeBlocks(TierIo io, TierSpec spec, TierSettings settings) {
        this.io = io;
        this.directory = spec.directory();
        this.serves = spec.medium() == Medium.MEM && settings.hugePages() != HugePageUse.OFF;
        this.pace = settings.hugePages() == HugePageUse.ALWAYS ? Optional.empty() : Optional.of(new HugePace());
    }

    /** Whether any block may get them. */
    boolean serves() {
        return serves;
    }

    /** Whether the next block is to get them: {@link #prepare} or {@link #giveUp} follows then. */
    boolean begin() {
        return serves && pace.map(HugePace::begin).orElse(true);
    }

    /** After {@link #begin}. Blocks; never fails: what gets none is written to small pages. */
    void prepare(Path file, long offset, long length) {
        OptionalLong costNs = OptionalLong.empty();
        try {
            costNs = io.prepareHuge(file, offset, length);
            served |= costNs.isPresent();
        } catch (UnsupportedOperationException e) {
            // A single refusal after others were served is of that block.
            serves = served;
            LOG.debug("tier {} has small pages: {}", directory, e.getMessage());
        } catch (IOException e) {
            LOG.debug("no huge pages for a block of {}", file, e);
        } finally {
            tell(costNs, length);
        }
    }

    /** After {@link #begin}, where the block is not to be filled after all. */
    void giveUp() {
        pace.ifPresent(HugePace::none);
    }

    private void tell(OptionalLong costNs, long length) {
        pace.ifPresent(told -> costNs.ifPresentOrElse(ns -> told.cost(ns, length), told::none));
    }
}
