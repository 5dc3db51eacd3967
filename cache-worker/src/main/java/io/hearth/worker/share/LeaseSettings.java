package io.hearth.worker.share;

import io.hearth.protocol.settings.Setting;
import java.time.Duration;

/** The settings of the leases of loads. */
public record LeaseSettings(
        @Setting(
                name = "worker.lease-without-master",
                value = "1h",
                min = "0s",
                description = "How long leases of loads stand at most while no master is reachable; with one,"
                        + " worker.share-expiry after the last question about their share.")
        Duration withoutMaster) {}
