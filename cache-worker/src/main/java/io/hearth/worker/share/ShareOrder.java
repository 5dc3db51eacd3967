package io.hearth.worker.share;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.wire.ResidencyReport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/** A share's order, checked. */
public record ShareOrder(DatasetName dataset, List<Wanted> items) {
    /** The bounds of the wire and of the tiers' headers. */
    private static final int ORIGIN_BYTES_MAX = 255;

    private static final int KEY_BYTES_MAX = 1024;
    private static final int VALIDATOR_BYTES_MAX = 1100;

    /** An object and its wanted chunks; these are whole blocks. */
    record Wanted(ObjectRef object, RoaringBitmap chunks) {}

    /**
     * Reads the document.
     *
     * @throws HearthException {@link FailureKind#INVALID} in one line that names the item
     */
    public static ShareOrder of(LoadShare.Order order) {
        if (order.items() == null || order.items().size() > LoadShare.ITEMS_MAX) {
            throw invalid("items are missing, or more than " + LoadShare.ITEMS_MAX + ": send more shares");
        }
        DatasetName dataset = new DatasetName(order.namespace(), order.dataset());
        List<Wanted> items = new ArrayList<>(order.items().size());
        for (LoadShare.Item item : order.items()) {
            items.add(wanted(item, "items[" + items.size() + "]"));
        }
        return new ShareOrder(dataset, List.copyOf(items));
    }

    private static Wanted wanted(LoadShare.Item item, String where) {
        if (item == null) {
            throw invalid(where + " is empty");
        }
        String origin = text(item.origin(), ORIGIN_BYTES_MAX, where + ".origin");
        String key = text(item.key(), KEY_BYTES_MAX, where + ".key");
        String validator = text(item.validator(), VALIDATOR_BYTES_MAX, where + ".validator");
        try {
            ObjectRef object = new ObjectRef(origin, key, Validator.parse(validator), item.sizeBytes());
            Optional<byte[]> blocks = item.blocks() == null ? Optional.empty() : item.blocks();
            return new Wanted(object, chunks(object, blocks));
        } catch (HearthException e) {
            throw invalid(where + ": " + e.getMessage());
        }
    }

    private static String text(String value, int bytesMax, String where) {
        if (value == null || value.isEmpty() || value.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
            throw invalid(where + " is missing or longer than " + bytesMax + " bytes");
        }
        return value;
    }

    private static RoaringBitmap chunks(ObjectRef object, Optional<byte[]> wantedBlocks) {
        int chunksMax = Geometry.chunks(object.sizeBytes());
        if (wantedBlocks.isEmpty()) {
            return RoaringBitmap.bitmapOfRange(0, chunksMax);
        }
        RoaringBitmap blocks = ResidencyReport.bitmap(wantedBlocks.get());
        int blocksMax = Geometry.blocks(object.sizeBytes());
        if (!blocks.isEmpty() && Integer.compareUnsigned(blocks.last(), blocksMax) >= 0) {
            throw invalid("its blocks name one past its " + blocksMax);
        }
        RoaringBitmap chunks = new RoaringBitmap();
        for (int block : blocks) {
            long first = (long) block * Geometry.CHUNKS_PER_BLOCK;
            chunks.add(first, Math.min(first + Geometry.CHUNKS_PER_BLOCK, chunksMax));
        }
        chunks.runOptimize();
        return chunks;
    }

    private static HearthException invalid(String message) {
        return new HearthException(FailureKind.INVALID, message);
    }
}
