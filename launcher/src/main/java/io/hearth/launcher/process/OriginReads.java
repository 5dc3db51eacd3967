package io.hearth.launcher.process;

import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.MasterApi;
import io.hearth.client.OriginSource;
import io.hearth.client.TicketBook;
import io.hearth.launcher.settings.Settings;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.objectstore.s3.S3ObjectStores;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Random;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * The source of last resort, as workers and mounts have it alike: tickets from a master, ranges resumed where they
 * broke.
 */
final class OriginReads {
    private OriginReads() {}

    static OriginSource open(
            Lifetime owned, Settings settings, MasterApi masters, MeterRegistry metrics, ClientMetrics clientMetrics) {
        ClientSettings client = settings.get(ClientSettings.class);
        OriginSettings origin = settings.get(OriginSettings.class);
        OriginMetrics originMetrics = new OriginMetrics(metrics);
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "hearth-origin-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        owned.own((AutoCloseable) timer::shutdownNow);
        S3ObjectStores stores = owned.own(new S3ObjectStores(origin, originMetrics));
        RangeFetch ranges = new RangeFetch(origin, originMetrics, new Random(), timer);
        TicketBook tickets = new TicketBook(masters, client, Clock.systemUTC(), clientMetrics);
        return owned.own(new OriginSource(tickets, stores, ranges, client, clientMetrics));
    }
}
