package io.hearth.master;

import io.hearth.cluster.ClusterStore;
import io.hearth.cluster.Codec;
import io.hearth.cluster.TransactionalMap;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Generation.SegmentRef;
import io.hearth.protocol.generation.GenerationBuilder.SegmentSink;
import io.hearth.protocol.generation.Segment;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Manifests and segments of every dataset. A segment is kept in pieces of 1 MiB, because a value of the store must fit
 * its log; the first piece, which says how many there are, is written last, so that a segment is there wholly or not at
 * all.
 */
final class GenerationStore {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int PAGE = 1000;

    private final TransactionalMap<byte[]> manifests;
    private final TransactionalMap<byte[]> segments;

    GenerationStore(ClusterStore store) {
        manifests = store.map("generations", Codec.bytes());
        segments = store.map("segments", Codec.bytes());
    }

    /** Takes a listing's segments; its manifest is put when all of them are. Not thread-safe. */
    final class SegmentWriter implements SegmentSink {
        private final String uid;
        private int written;

        private SegmentWriter(String uid) {
            this.uid = uid;
        }

        @Override
        public void segment(String id, byte[] bytes) {
            String base = uid + "/" + id;
            if (segments.get(pieceKey(base, 0)).isEmpty()) {
                putSegment(base, bytes);
                written++;
            }
        }

        /** How many were new. */
        int written() {
            return written;
        }
    }

    /** Writes those segments of a listing of the dataset that are new. */
    SegmentWriter writer(String uid) {
        return new SegmentWriter(uid);
    }

    /** Writes a manifest, whose segments are there. */
    void put(String uid, Generation generation) {
        manifests.put(uid + "/" + generation.id(), Json.write(generation));
    }

    private void putSegment(String base, byte[] bytes) {
        int pieces = Math.max(1, (bytes.length + PIECE_BYTES - 1) / PIECE_BYTES);
        for (int piece = pieces - 1; piece >= 0; piece--) {
            int from = piece * PIECE_BYTES;
            byte[] body = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + PIECE_BYTES));
            byte[] value = piece > 0
                    ? body
                    : ByteBuffer.allocate(4 + body.length)
                            .putInt(pieces)
                            .put(body)
                            .array();
            segments.put(pieceKey(base, piece), value);
        }
    }

    /** The manifest's JSON. */
    Optional<byte[]> manifest(String uid, String generation) {
        return manifests.get(uid + "/" + generation);
    }

    Generation generation(String uid, String generation) {
        return manifest(uid, generation)
                .map(json -> Json.read(json, Generation.class))
                .orElseThrow(() -> new HearthException(
                        FailureKind.NOT_FOUND,
                        "the generation " + generation + " has been collected: renew the session"));
    }

    Optional<byte[]> segment(String uid, String id) {
        String base = uid + "/" + id;
        Optional<byte[]> first = segments.get(pieceKey(base, 0));
        if (first.isEmpty()) {
            return Optional.empty();
        }
        ByteBuffer head = ByteBuffer.wrap(first.get());
        int pieces = head.getInt();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(head.remaining());
        bytes.write(first.get(), 4, head.remaining());
        for (int piece = 1; piece < pieces; piece++) {
            Optional<byte[]> next = segments.get(pieceKey(base, piece));
            if (next.isEmpty()) {
                return Optional.empty(); // Collected meanwhile.
            }
            bytes.writeBytes(next.get());
        }
        return Optional.of(bytes.toByteArray());
    }

    /** A segment of a manifest that is there. */
    Segment require(String uid, SegmentRef ref) {
        return Segment.decode(segment(uid, ref.id())
                .orElseThrow(() -> new HearthException(
                        FailureKind.NOT_FOUND, "the segment " + ref.id() + " has been collected: renew the session")));
    }

    /**
     * Removes the dataset's generations that are not in {@code keep}, and the segments that none of the kept ones
     * names. Not to be called while the dataset is being listed.
     *
     * @return how many generations went
     */
    int retain(String uid, Set<String> keep) {
        int removed = 0;
        Set<String> live = new HashSet<>();
        String prefix = uid + "/";
        for (String key : keys(manifests, prefix)) {
            String id = key.substring(prefix.length());
            if (keep.contains(id)) {
                generation(uid, id).segments().forEach(ref -> live.add(ref.id()));
            } else {
                manifests.remove(key);
                removed++;
            }
        }
        for (String key : keys(segments, prefix)) {
            String id = key.substring(prefix.length(), key.lastIndexOf('/'));
            if (!live.contains(id)) {
                segments.remove(key);
            }
        }
        return removed;
    }

    /** The dataset's generations. */
    List<String> ids(String uid) {
        return keys(manifests, uid + "/").stream()
                .map(key -> key.substring(uid.length() + 1))
                .toList();
    }

    /** The datasets of which anything is stored. */
    Set<String> uids() {
        Set<String> uids = new HashSet<>();
        keys(manifests, "").forEach(key -> uids.add(key.substring(0, key.indexOf('/'))));
        keys(segments, "").forEach(key -> uids.add(key.substring(0, key.indexOf('/'))));
        return uids;
    }

    private static List<String> keys(TransactionalMap<byte[]> map, String prefix) {
        List<String> all = new java.util.ArrayList<>();
        Optional<String> after = Optional.empty();
        while (true) {
            List<String> page = map.keys(prefix, after, PAGE);
            all.addAll(page);
            if (page.size() < PAGE) {
                return all;
            }
            after = Optional.of(page.get(page.size() - 1));
        }
    }

    private static String pieceKey(String base, int piece) {
        return base + String.format(java.util.Locale.ROOT, "/%04d", piece);
    }
}
