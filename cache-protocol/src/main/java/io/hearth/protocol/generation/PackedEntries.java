package io.hearth.protocol.generation;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.Validator;
import io.hearth.protocol.wire.FieldReader;
import io.hearth.protocol.wire.FieldWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Entries as bytes, some 95 each with paths of 40 and MD5 ETags, where objects take 250: a listing of a million keys is
 * held until it can be sorted. A row is the path, then mount, kind, size, time and validator. Not thread-safe.
 */
final class PackedEntries {
    private static final int PAGE_BITS = 20;
    private static final int PAGE_BYTES = 1 << PAGE_BITS;
    private static final int PAGES_MAX = 1 << 11;

    private final List<byte[]> pages = new ArrayList<>();
    private final Numbers places = new Numbers();
    private int used = PAGE_BYTES;

    void add(Entry entry) {
        byte[] row = new FieldWriter()
                .text(entry.path())
                .varint(entry.mount() * 2L + (entry.directory() ? 1 : 0))
                .varint(entry.sizeBytes())
                .i64(entry.modifiedMs())
                .text(entry.validator().text())
                .toBytes();
        if (used + row.length > PAGE_BYTES) {
            if (pages.size() == PAGES_MAX) {
                throw new HearthException(
                        FailureKind.INVALID, "the keys of this dataset take more than 2 GiB: choose narrower prefixes");
            }
            pages.add(new byte[PAGE_BYTES]);
            used = 0;
        }
        System.arraycopy(row, 0, page(), used, row.length);
        places.add((pages.size() - 1 << PAGE_BITS) + used);
        used += row.length;
    }

    int count() {
        return places.count();
    }

    Entry get(int index) {
        int place = places.get(index);
        ByteBuffer row = ByteBuffer.wrap(pages.get(place >>> PAGE_BITS));
        FieldReader in = new FieldReader(row.position(place & PAGE_BYTES - 1));
        String path = in.text(Short.MAX_VALUE);
        int head = (int) in.varint();
        return new Entry(
                path, head / 2, head % 2 == 1, in.varint(), in.i64(), Validator.parse(in.text(Short.MAX_VALUE)));
    }

    /** The entries' numbers in the order of their paths, by {@link String#compareTo}; of equal paths, as they came. */
    int[] sorted() {
        int[] order = new int[count()];
        Arrays.setAll(order, number -> number);
        new NumberSort(order, (a, b) -> comparePath(a, pathBytes(b))).sort(0, order.length);
        return order;
    }

    byte[] pathBytes(int index) {
        int place = places.get(index);
        byte[] page = pages.get(place >>> PAGE_BITS);
        int start = start(place);
        return Arrays.copyOfRange(page, start, start + length(page, place));
    }

    /** Compares an entry's path with {@code other} as strings are, by UTF-16 code units. */
    int comparePath(int index, byte[] other) {
        int place = places.get(index);
        byte[] page = pages.get(place >>> PAGE_BITS);
        int start = start(place);
        int length = length(page, place);
        int same = Arrays.mismatch(page, start, start + length, other, 0, other.length);
        if (same < 0 || same == length || same == other.length) {
            return length - other.length;
        }
        return codeUnitRank(page[start + same]) - codeUnitRank(other[same]);
    }

    boolean startsWith(int index, byte[] prefix) {
        int place = places.get(index);
        byte[] page = pages.get(place >>> PAGE_BITS);
        int start = start(place);
        return length(page, place) >= prefix.length
                && Arrays.equals(page, start, start + prefix.length, prefix, 0, prefix.length);
    }

    /**
     * UTF-8 orders as UTF-16 does, but that U+E000 to U+FFFF (0xEE, 0xEF) come after what takes surrogates (0xF0 on).
     */
    private static int codeUnitRank(byte utf8) {
        int value = utf8 & 0xff;
        return value < 0xee ? value : value < 0xf0 ? value + 0x20 : value;
    }

    private byte[] page() {
        return pages.get(pages.size() - 1);
    }

    private static int start(int place) {
        return (place & PAGE_BYTES - 1) + 2;
    }

    private static int length(byte[] page, int place) {
        int at = place & PAGE_BYTES - 1;
        return (page[at] & 0xff) << 8 | page[at + 1] & 0xff;
    }
}
