package io.hearth.fuse.tree;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Numbers;
import io.hearth.protocol.wire.FieldWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Packs one segment's entries; see {@link SegmentRows} for the form. Not thread-safe. */
final class SegmentRowsWriter {
    private static final int NAME_BYTES_MAX = 255;
    private static final long SECOND_MS = 1000;

    private final InodeHash hash;
    private final List<Entry> entries;
    private final long baseMs;
    private final FieldWriter slab = new FieldWriter();
    private final Numbers places = new Numbers();
    private final List<SegmentRows.Marker> markers = new ArrayList<>();
    private final long[] inodes;
    private int files;
    private int mountMax;

    /** @param entries at least one, in the order of their paths */
    SegmentRowsWriter(InodeHash hash, List<Entry> entries) {
        this.hash = hash;
        this.entries = entries;
        this.baseMs = entries.get(0).modifiedMs();
        this.inodes = new long[entries.size()];
    }

    void marker(Entry entry) {
        mountMax = Math.max(mountMax, entry.mount());
        markers.add(new SegmentRows.Marker(files, entry.path(), entry.modifiedMs()));
    }

    /** @param directory the hash of the path of the file's directory */
    void file(Entry entry, long directory) {
        byte[] name = entry.path().substring(entry.path().lastIndexOf('/') + 1).getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > NAME_BYTES_MAX) {
            throw new HearthException(
                    FailureKind.INVALID, "the listing names a file with a name of " + name.length + " bytes");
        }
        if (files % SegmentRows.STRIDE == 0) {
            places.add(slab.size());
        }
        byte[] validator = Validators.pack(entry.validator());
        long distance = entry.modifiedMs() - baseMs;
        boolean seconds = distance % SECOND_MS == 0;
        long unit = seconds ? distance / SECOND_MS : distance;
        slab.u8(name.length).raw(name);
        slab.varint(entry.mount() * 2L + (seconds ? 1 : 0)).varint(entry.sizeBytes());
        slab.varint((unit << 1) ^ (unit >> 63)).varint(validator.length).raw(validator);
        long path = hash.path(directory, name, 0, name.length);
        inodes[files++] = hash.version(path, entry.sizeBytes(), validator);
        mountMax = Math.max(mountMax, entry.mount());
    }

    SegmentRows finish(String id) {
        return new SegmentRows(
                id,
                files,
                slab.toBytes(),
                places.toArray(),
                baseMs,
                Arrays.copyOf(inodes, files),
                List.copyOf(markers),
                mountMax,
                entries.get(0).path(),
                entries.get(entries.size() - 1).path());
    }
}
