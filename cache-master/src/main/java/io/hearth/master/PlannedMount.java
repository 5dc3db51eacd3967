package io.hearth.master;

import io.hearth.protocol.OriginSpec;
import io.hearth.protocol.generation.Generation;

/**
 * One mount of a dataset, understood. Holds no secret.
 *
 * @param path from the dataset's root, without slashes at its ends; empty for the root itself
 * @param originId under which its objects are cached
 */
record PlannedMount(
        String mountPoint, String path, OriginSpec origin, CredentialReference credentials, String originId) {
    Generation.Mount place() {
        return new Generation.Mount(path, originId, origin.prefix());
    }
}
