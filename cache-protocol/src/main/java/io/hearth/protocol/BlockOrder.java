package io.hearth.protocol;

import io.hearth.protocol.wire.FieldReader;
import io.hearth.protocol.wire.FieldWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Blocks of one object in the order in which they are wanted: as a reader touched them, or as they are to be filled. A
 * block may come more than once; who uses an order takes the first time. Immutable.
 *
 * @param runs at most {@link #RUNS_MAX}, of blocks one after the other
 */
public record BlockOrder(List<Run> runs) {
    /** Most runs of an order: a file of 32 GiB whose blocks are read in no order at all. */
    public static final int RUNS_MAX = 4096;

    private static final int VERSION = 1;
    private static final int BLOCKS_MAX = (int) (Geometry.OBJECT_BYTES_MAX / Geometry.BLOCK_BYTES);
    private static final int NUMBER_BYTES_MAX = 4;

    /** Most bytes of {@link #encode}. */
    public static final int BYTES_MAX = 3 + RUNS_MAX * 2 * NUMBER_BYTES_MAX;

    /** @throws HearthException {@link FailureKind#INVALID} for more runs than may be */
    public BlockOrder {
        if (runs.size() > RUNS_MAX) {
            throw new HearthException(
                    FailureKind.INVALID, "an order of " + runs.size() + " runs: at most " + RUNS_MAX + " may stand");
        }
        runs = List.copyOf(runs);
    }

    /**
     * Blocks {@code first} and those after it, {@code count} in all.
     *
     * @param count at least 1
     */
    public record Run(int first, int count) {
        /** @throws HearthException {@link FailureKind#INVALID} for blocks that no object has */
        public Run {
            if (first < 0 || count < 1 || first > BLOCKS_MAX - count) {
                throw new HearthException(FailureKind.INVALID, "a run of " + count + " blocks from " + first + " on");
            }
        }

        /** The block after the last one. */
        public int end() {
            return first + count;
        }
    }

    /** The order of the blocks of these bytes, which are some, as they lie. */
    public static BlockOrder ofBytes(long offset, long length) {
        int first = Geometry.blockOf(offset);
        return new BlockOrder(List.of(new Run(first, Geometry.blockOf(offset + length - 1) - first + 1)));
    }

    /** Whether an object of that size has all of these blocks. */
    public boolean within(long sizeBytes) {
        int blocks = Geometry.blocks(sizeBytes);
        return runs.stream().allMatch(run -> run.end() <= blocks);
    }

    /** The number of blocks, those that come twice counted twice. */
    public long blocks() {
        return runs.stream().mapToLong(Run::count).sum();
    }

    /** The blocks, one after the other. */
    public IntStream numbers() {
        return runs.stream().flatMapToInt(run -> IntStream.range(run.first(), run.end()));
    }

    /** As bytes, at most {@link #BYTES_MAX}: a version, the number of runs, and each run's first block and length. */
    public byte[] encode() {
        FieldWriter out = new FieldWriter().u8(VERSION);
        write(out);
        return out.toBytes();
    }

    /** @throws HearthException {@link FailureKind#INVALID} for what {@link #encode} would not have written */
    public static BlockOrder decode(byte[] bytes) {
        FieldReader in = new FieldReader(ByteBuffer.wrap(bytes));
        if (in.u8() != VERSION) {
            throw new HearthException(FailureKind.INVALID, "an order of blocks of a version not known here");
        }
        BlockOrder order = read(in, RUNS_MAX);
        in.end();
        return order;
    }

    /** Appends the runs. */
    public void write(FieldWriter out) {
        out.varint(runs.size());
        runs.forEach(run -> out.varint(run.first()).varint(run.count()));
    }

    /** Reads what {@link #write} wrote, of at most so many runs. */
    public static BlockOrder read(FieldReader in, int runsMax) {
        int count = in.count(runsMax);
        List<Run> runs = new ArrayList<>(count);
        for (int run = 0; run < count; run++) {
            runs.add(new Run(in.count(BLOCKS_MAX), in.count(BLOCKS_MAX)));
        }
        return new BlockOrder(runs);
    }
}
