package io.hearth.launcher.output;

import io.hearth.protocol.api.LendingOrder;
import io.hearth.protocol.api.LendingStatus;
import io.hearth.protocol.settings.DataSize;
import java.time.Instant;

/** What a worker lends, for people. */
public final class LendingTables {
    private LendingTables() {}

    public static String status(LendingStatus status, Instant now) {
        Fields fields = new Fields().add("State", status.state() + ", for " + Age.of(status.since(), now));
        if (!status.reason().isEmpty()) {
            fields.add("Reason", status.reason());
        }
        for (LendingStatus.Signal signal : status.signals()) {
            fields.add("Signal", signal.want() + (signal.reason().isEmpty() ? "" : ", " + signal.reason()));
        }
        if (status.busy()) {
            fields.add("Network", "limited for other nodes: " + status.busyReason());
        }
        Table table = new Table("MEDIUM", "PATH", "QUOTA", "ALLOWED", "USED", "HELD", "ZOMBIE");
        for (LendingStatus.Tier tier : status.tiers()) {
            table.row(
                    tier.medium(),
                    tier.path(),
                    DataSize.format(tier.quotaBytes()),
                    DataSize.format(tier.allowanceBytes()),
                    DataSize.format(tier.usedBytes()),
                    DataSize.format(tier.heldBytes()),
                    DataSize.format(tier.zombieBytes()));
        }
        return fields + "\n" + table;
    }

    /** One line. */
    public static String given(LendingOrder.Result result) {
        String line = "gave " + DataSize.format(result.freedBytes()) + " back in " + result.tookMs() + " ms ("
                + result.files() + " files, " + result.leasedFiles() + " of them leased)";
        return result.zombieBytes() == 0
                ? line
                : line + "; " + DataSize.format(result.zombieBytes()) + " more when readers let go";
    }
}
