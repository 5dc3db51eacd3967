package io.hearth.worker.tier;

import java.io.Closeable;
import java.io.IOException;

/** The two open files of an object. */
record FileHandles(TierIo.Handle data, TierIo.Handle meta) implements Closeable {
    @Override
    public void close() throws IOException {
        try (data) {
            meta.close();
        }
    }
}
