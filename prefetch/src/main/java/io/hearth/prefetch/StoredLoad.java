package io.hearth.prefetch;

import io.hearth.cluster.Codec;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LoadStatus;

/**
 * A load as the store keeps it.
 *
 * @param datasetUid tells its dataset from an earlier one of the same name
 */
record StoredLoad(int formatVersion, String datasetUid, LoadStatus status) {
    static final int FORMAT_VERSION = 1;

    static final Codec<StoredLoad> CODEC = Codec.of(Json::write, StoredLoad::read);

    static StoredLoad of(String datasetUid, LoadStatus status) {
        return new StoredLoad(FORMAT_VERSION, datasetUid, status);
    }

    DatasetName dataset() {
        return new DatasetName(status.namespace(), status.dataset());
    }

    private static StoredLoad read(byte[] json) {
        StoredLoad load = Json.read(json, StoredLoad.class);
        if (load.formatVersion() != FORMAT_VERSION) {
            throw new HearthException(
                    FailureKind.UNSUPPORTED_VERSION,
                    "a stored load of format version " + load.formatVersion() + ": this build reads version "
                            + FORMAT_VERSION + "; use the build that wrote it");
        }
        return load;
    }
}
