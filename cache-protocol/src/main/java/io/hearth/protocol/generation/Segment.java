package io.hearth.protocol.generation;

import io.hearth.protocol.Digests;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.Validator;
import io.hearth.protocol.wire.Envelope;
import io.hearth.protocol.wire.FieldReader;
import io.hearth.protocol.wire.FieldWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A run of entries in path order. Bytes: an {@link Envelope} around a count and the entries, each path cut by what it
 * shares with the one before.
 *
 * @param id SHA-256 of the bytes, in hexadecimal
 */
public record Segment(String id, List<Entry> entries) {
    /** Most entries of a segment. */
    public static final int ENTRIES_MAX = 8192;

    /** Largest segment in bytes: {@link #ENTRIES_MAX} of the longest keys. */
    public static final int BYTES_MAX = 24 << 20;

    private static final int MAGIC = 0x48534547;
    private static final int VERSION = 1;
    private static final int PATH_BYTES_MAX = 4096;
    private static final int MOUNTS_MAX = 1024;

    /** The bytes of these entries. */
    public static byte[] encode(List<Entry> entries) {
        FieldWriter out = new FieldWriter().varint(entries.size());
        String previous = "";
        for (Entry entry : entries) {
            int shared = sharedChars(previous, entry.path());
            byte[] rest = entry.path().substring(shared).getBytes(StandardCharsets.UTF_8);
            out.varint(shared).varint(rest.length).raw(rest);
            out.varint(entry.mount() * 2L + (entry.directory() ? 1 : 0));
            out.varint(entry.sizeBytes()).i64(entry.modifiedMs());
            out.text(entry.validator().text());
            previous = entry.path();
        }
        return Envelope.seal(MAGIC, VERSION, out.toBytes());
    }

    /** The id of a segment's bytes. */
    public static String idOf(byte[] bytes) {
        return HexFormat.of().formatHex(Digests.sha256().digest(bytes));
    }

    /** @throws HearthException if the bytes are no segment, of another version, or damaged */
    public static Segment decode(byte[] bytes) {
        ByteBuffer body = Envelope.open(bytes, MAGIC, VERSION, "generation segment");
        FieldReader in = new FieldReader(body);
        int count = in.count(ENTRIES_MAX);
        List<Entry> entries = new ArrayList<>(Math.min(count, in.remaining()));
        String previous = "";
        for (int i = 0; i < count; i++) {
            int shared = in.count(previous.length());
            String path = previous.substring(0, shared) + in.utf8(in.count(PATH_BYTES_MAX));
            int mount = in.count(2 * MOUNTS_MAX);
            long size = in.varint();
            if (size > Geometry.OBJECT_BYTES_MAX) {
                throw new HearthException(FailureKind.INVALID, "malformed bytes: an object of " + size + " bytes");
            }
            entries.add(new Entry(
                    path, mount / 2, mount % 2 == 1, size, in.i64(), Validator.parse(in.text(PATH_BYTES_MAX))));
            previous = path;
        }
        in.end();
        return new Segment(idOf(bytes), List.copyOf(entries));
    }

    /** Shared leading characters, never half a surrogate pair. */
    private static int sharedChars(String a, String b) {
        int end = Math.min(a.length(), b.length());
        int shared = 0;
        while (shared < end && a.charAt(shared) == b.charAt(shared)) {
            shared++;
        }
        return shared > 0 && Character.isHighSurrogate(a.charAt(shared - 1)) ? shared - 1 : shared;
    }
}
