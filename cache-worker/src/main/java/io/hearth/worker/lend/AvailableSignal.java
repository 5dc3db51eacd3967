package io.hearth.worker.lend;

import java.util.Optional;
import java.util.OptionalLong;

/** The node's {@code MemAvailable}, in which files of a tmpfs do not count as free. */
final class AvailableSignal implements Signal {
    private final StatusText meminfo;
    private final Headroom headroom;

    /** @param meminfo {@code /proc/meminfo} */
    AvailableSignal(StatusText meminfo, Headroom headroom) {
        this.meminfo = meminfo;
        this.headroom = headroom;
    }

    @Override
    public String name() {
        return "node memory";
    }

    @Override
    public Demand look(long nowMs) {
        Optional<String> text = meminfo.read();
        OptionalLong total =
                text.map(all -> StatusFields.value(all, "MemTotal")).orElse(OptionalLong.empty());
        OptionalLong free =
                text.map(all -> StatusFields.value(all, "MemAvailable")).orElse(OptionalLong.empty());
        if (total.isEmpty() || free.isEmpty()) {
            return Demand.NONE;
        }
        return headroom.of(name(), free.getAsLong(), total.getAsLong());
    }
}
