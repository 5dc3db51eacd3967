package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.settings.DataSize;
import java.util.List;
import java.util.stream.Collectors;

/** Says in one line why an object has no room. */
final class Refusal {
    private Refusal() {}

    static HearthException of(List<Tier> tiers, ObjectRef object) {
        String could = tiers.stream().map(Refusal::line).collect(Collectors.joining(", "));
        return new HearthException(
                FailureKind.NO_SPACE,
                "no room for " + object.key() + " (" + DataSize.format(object.sizeBytes()) + "): " + could
                        + "; raise a quota in worker.tiers, or set worker.admission to stream");
    }

    private static String line(Tier tier) {
        String name = tier.spec().medium() + " " + tier.spec().directory();
        if (tier.outOfService()) {
            return name + " is out of service";
        }
        if (tier.surplus()) {
            return name + " takes nothing before what is above its quota has left";
        }
        if (tier.full()) {
            return name + " takes nothing now: its disk is full, or the worker drains";
        }
        return name + " could give " + DataSize.format(Math.max(0, tier.quotaBytes() - tier.heldBytes())) + " of "
                + DataSize.format(tier.quotaBytes());
    }
}
