package io.hearth.launcher.quickstart;

import io.hearth.client.MasterApi;
import io.hearth.launcher.output.Progress;
import io.hearth.launcher.settings.Settings;
import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.s3.S3ObjectStores;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.Digests;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Generation.SegmentRef;
import io.hearth.protocol.generation.Segment;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** SHA-256 of a dataset's objects, read from the bucket itself, past worker and mount. */
final class OriginDigests {
    private OriginDigests() {}

    static Map<String, String> of(Settings settings, MasterApi api, DatasetName dataset, PrintStream out) {
        Generation generation = api.generation(
                        dataset, api.describe(dataset).join().generation().orElseThrow())
                .join();
        Map<String, OriginAccess> access = api.ticket(dataset).join().access();
        Map<String, String> digests = new TreeMap<>();
        Map<String, ObjectStore> stores = new HashMap<>();
        OriginMetrics metrics = new OriginMetrics(new SimpleMeterRegistry());
        try (S3ObjectStores factory = new S3ObjectStores(settings.get(OriginSettings.class), metrics);
                Progress progress = Progress.start("hashing the origin", generation.bytes(), out)) {
            for (SegmentRef segment : generation.segments()) {
                byte[] bytes = api.segment(dataset, segment.id()).join();
                for (Entry entry : Segment.decode(bytes).entries()) {
                    if (!entry.directory()) {
                        ObjectRef object = generation.object(entry);
                        ObjectStore store =
                                stores.computeIfAbsent(object.origin(), origin -> factory.open(access.get(origin)));
                        digests.put(entry.path(), digest(store, object, progress));
                    }
                }
            }
        } finally {
            stores.values().forEach(ObjectStore::close);
        }
        return digests;
    }

    private static String digest(ObjectStore store, ObjectRef object, Progress progress) {
        MessageDigest sha256 = Digests.sha256();
        for (int block = 0; block < Geometry.blocks(object.sizeBytes()); block++) {
            int length = Geometry.blockLength(block, object.sizeBytes());
            RangeRequest range = new RangeRequest(
                    object.key(), object.validator(), object.sizeBytes(), Geometry.blockOffset(block), length);
            store.get(range, bytes -> {
                        sha256.update(bytes);
                        return CompletableFuture.completedStage(null);
                    })
                    .join();
            progress.add(length);
        }
        return HexFormat.of().formatHex(sha256.digest());
    }
}
