package io.hearth.client.read;

import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.FallbackSource;
import io.hearth.client.ObjectReads;
import io.hearth.client.OriginSource;
import io.hearth.client.Source;
import io.hearth.client.TicketBook;
import io.hearth.client.WorkerDirectory;
import io.hearth.client.worker.WorkerSource;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.objectstore.RangeFetch;
import io.hearth.protocol.RequestContext;

/**
 * A mount's way to its bytes, put together: chunks in memory, then the workers, then the origin. Thread-safe; closes
 * what it made, not what it was given.
 */
public final class ReadPath implements AutoCloseable {
    private final WorkerDirectory directory = new WorkerDirectory();
    private final ClientSettings settings;
    private final ClientMetrics metrics;
    private final WorkerSource workers;
    private final OriginSource origin;
    private final Source source;

    /** @param token what workers are shown; empty where the cluster has none */
    public ReadPath(
            TicketBook tickets,
            ObjectStoreFactory stores,
            RangeFetch ranges,
            String token,
            ClientSettings settings,
            ClientMetrics metrics) {
        this.settings = settings;
        this.metrics = metrics;
        this.workers = new WorkerSource(directory, token, settings, metrics);
        this.origin = new OriginSource(tickets, stores, ranges, settings, metrics);
        this.source = new FallbackSource(workers, origin, metrics);
    }

    /** Where the live workers are told, as a session's answers name them. */
    public WorkerDirectory directory() {
        return directory;
    }

    /** Reads on behalf of {@code context}; the caller closes them before this. */
    public ObjectReads reads(RequestContext context) {
        return new StreamedReads(source, workers, context, settings, metrics);
    }

    @Override
    public void close() {
        workers.close();
        origin.close();
    }
}
