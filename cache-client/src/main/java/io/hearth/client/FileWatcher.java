package io.hearth.client;

import io.hearth.protocol.ObjectId;

/** Learns where open objects lie on this machine. Must not block. */
@FunctionalInterface
public interface FileWatcher {
    /** @param whole whether all of it is now in one file; else it has left the file in which it was */
    void changed(ObjectId object, boolean whole);
}
