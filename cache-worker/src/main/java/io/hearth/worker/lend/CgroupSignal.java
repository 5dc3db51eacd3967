package io.hearth.worker.lend;

import java.util.OptionalLong;

/**
 * The room below the limit of a cgroup v2, {@code memory.high} or {@code memory.max}, whichever is less. Pages of files
 * count as free: the kernel drops them first, and they fill every limit in time. Files of a tmpfs do not.
 */
final class CgroupSignal implements Signal {
    private final Files files;
    private final Headroom headroom;
    private OptionalLong killsBefore = OptionalLong.empty();

    /** The cgroup's files of these names: {@code memory.current} and so on. */
    record Files(StatusText current, StatusText high, StatusText max, StatusText stat, StatusText events) {}

    CgroupSignal(Files files, Headroom headroom) {
        this.files = files;
        this.headroom = headroom;
    }

    @Override
    public String name() {
        return "cgroup memory";
    }

    @Override
    public Demand look(long nowMs) {
        OptionalLong current = number(files.current());
        long limit = Math.min(
                number(files.high()).orElse(Long.MAX_VALUE), number(files.max()).orElse(Long.MAX_VALUE));
        if (current.isEmpty() || limit == Long.MAX_VALUE) {
            return Demand.NONE;
        }
        String stat = files.stat().read().orElse("");
        long reclaimable = StatusFields.value(stat, "inactive_file").orElse(0)
                + StatusFields.value(stat, "active_file").orElse(0);
        Demand room = headroom.of(name(), limit - current.getAsLong() + reclaimable, limit);
        return killed() ? room.or(new Demand(Demand.Want.WANTED, 0, name() + ": it ran out of memory")) : room;
    }

    private boolean killed() {
        OptionalLong now = files.events()
                .read()
                .map(text -> StatusFields.value(text, "oom"))
                .orElse(OptionalLong.empty());
        boolean more = now.isPresent() && killsBefore.isPresent() && now.getAsLong() > killsBefore.getAsLong();
        killsBefore = now;
        return more;
    }

    private static OptionalLong number(StatusText file) {
        return file.read().map(StatusFields::number).orElse(OptionalLong.empty());
    }
}
