package io.hearth.master;

import io.hearth.cluster.Codec;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.api.Json;

/** A listing to be made, as the queue keeps it. */
record ListingJob(int formatVersion, String uid, String namespace, String name) {
    static final int FORMAT_VERSION = 1;

    static final Codec<ListingJob> CODEC = Codec.of(Json::write, ListingJob::read);

    static ListingJob of(StoredDataset dataset) {
        return new ListingJob(FORMAT_VERSION, dataset.uid(), dataset.namespace(), dataset.name());
    }

    DatasetName dataset() {
        return new DatasetName(namespace, name);
    }

    private static ListingJob read(byte[] json) {
        ListingJob job = Json.read(json, ListingJob.class);
        StoredDataset.requireVersion("listing job", job.formatVersion(), FORMAT_VERSION);
        return job;
    }
}
