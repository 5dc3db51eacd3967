package io.hearth.protocol.wire;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.roaringbitmap.InvalidRoaringFormat;
import org.roaringbitmap.RoaringBitmap;

/**
 * What a worker holds, as it tells a master: a full snapshot, or the objects that changed since the last report.
 *
 * @param workerId the worker
 * @param incarnation which life of the worker
 * @param sequence 1 for the first report of a life, then one more each time; after a gap the master wants a snapshot
 * @param snapshot whether objects that are not named are gone
 * @param objects at most {@link #OBJECTS_MAX}; an object without chunks is gone
 */
public record ResidencyReport(
        String workerId, long incarnation, long sequence, boolean snapshot, List<HeldObject> objects) {
    /** Most objects in one report; a worker that holds more sends a snapshot in several reports. */
    public static final int OBJECTS_MAX = 65_536;

    /** Largest report in bytes. */
    public static final int BYTES_MAX = 16 << 20;

    private static final int MAGIC = 0x48525350;
    private static final int VERSION = 1;
    private static final int BITMAP_BYTES_MAX = 8 << 20;

    /**
     * The chunks that are resident and verified of one object.
     *
     * @param medium the tier's medium, {@code MEM}, {@code SSD} or {@code HDD}
     * @param bytes resident bytes; less than chunks x 1 MiB where the last chunk is short
     */
    public record HeldObject(ObjectId object, String medium, long bytes, RoaringBitmap chunks) {}

    /** The report as bytes, with version and checksum. */
    public byte[] encode() {
        FieldWriter out = new FieldWriter();
        out.text(workerId).i64(incarnation).i64(sequence).u8(snapshot ? 1 : 0).varint(objects.size());
        for (HeldObject held : objects) {
            out.raw(held.object().bytes()).text(held.medium()).i64(held.bytes()).blob(bitmapBytes(held.chunks()));
        }
        return Envelope.seal(MAGIC, VERSION, out.toBytes());
    }

    /** @throws HearthException {@link FailureKind#INVALID} or {@link FailureKind#UNSUPPORTED_VERSION} */
    public static ResidencyReport decode(byte[] bytes) {
        ByteBuffer body = Envelope.open(bytes, MAGIC, VERSION, "residency report");
        FieldReader in = new FieldReader(body);
        String workerId = in.text(255);
        long incarnation = in.i64();
        long sequence = in.i64();
        boolean snapshot = in.u8() == 1;
        int count = in.count(OBJECTS_MAX);
        List<HeldObject> objects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            objects.add(new HeldObject(
                    ObjectId.of(in.raw(ObjectId.BYTES)), in.text(8), in.i64(), bitmap(in.blob(BITMAP_BYTES_MAX))));
        }
        in.end();
        return new ResidencyReport(workerId, incarnation, sequence, snapshot, List.copyOf(objects));
    }

    /** A bitmap in RoaringBitmap's portable form. */
    public static byte[] bitmapBytes(RoaringBitmap bitmap) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(bitmap.serializedSizeInBytes());
        try {
            bitmap.serialize(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    /** Reads and validates an untrusted bitmap. */
    public static RoaringBitmap bitmap(byte[] bytes) {
        RoaringBitmap bitmap = new RoaringBitmap();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            bitmap.deserialize(in);
            if (in.available() > 0 || !bitmap.validate()) {
                throw new HearthException(FailureKind.INVALID, "malformed bytes: a bitmap breaks its own rules");
            }
            return bitmap;
        } catch (IOException | InvalidRoaringFormat | IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new HearthException(FailureKind.INVALID, "malformed bytes: no RoaringBitmap", e);
        }
    }
}
