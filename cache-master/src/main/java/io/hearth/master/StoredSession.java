package io.hearth.master;

import io.hearth.cluster.Codec;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.api.Json;
import java.util.Optional;

/**
 * A session as the store keeps it.
 *
 * @param uid the dataset's
 * @param refresh how old a listing this mount takes; absent: the dataset's setting
 * @param held the generation that the mount said it has
 * @param offered the generation that it was told last, and may be fetching
 */
record StoredSession(
        int formatVersion,
        String id,
        String uid,
        String namespace,
        String name,
        String client,
        Optional<String> refresh,
        String held,
        String offered,
        long expiresAtMs) {
    static final int FORMAT_VERSION = 1;

    static final Codec<StoredSession> CODEC = Codec.of(Json::write, StoredSession::read);

    StoredSession with(String nowHeld, String nowOffered, long nowExpiresAtMs) {
        return new StoredSession(
                formatVersion, id, uid, namespace, name, client, refresh, nowHeld, nowOffered, nowExpiresAtMs);
    }

    DatasetName dataset() {
        return new DatasetName(namespace, name);
    }

    String key() {
        return uid + "/" + id;
    }

    private static StoredSession read(byte[] json) {
        StoredSession session = Json.read(json, StoredSession.class);
        StoredDataset.requireVersion("session", session.formatVersion(), FORMAT_VERSION);
        return session;
    }
}
