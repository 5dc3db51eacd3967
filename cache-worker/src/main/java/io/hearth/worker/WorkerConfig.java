package io.hearth.worker;

import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.worker.descriptor.DescriptorSettings;
import io.hearth.worker.descriptor.KeepSettings;
import io.hearth.worker.fill.PrefetchSettings;
import io.hearth.worker.integrity.IntegritySettings;
import io.hearth.worker.lend.LendSettings;
import io.hearth.worker.share.LeaseSettings;
import io.hearth.worker.tier.TierSettings;
import java.util.Map;

/** Every group of settings that a worker needs. */
public record WorkerConfig(
        WorkerSettings worker,
        TierSettings tiers,
        LendSettings lending,
        IntegritySettings integrity,
        DescriptorSettings descriptors,
        LeaseSettings leases,
        PrefetchSettings prefetch,
        KeepSettings keep) {
    /** Where settings come from. */
    public interface Groups {
        /** The group, with its defaults where nothing else was said. */
        <T extends Record> T get(Class<T> group);
    }

    public static WorkerConfig of(Groups groups) {
        return new WorkerConfig(
                groups.get(WorkerSettings.class),
                groups.get(TierSettings.class),
                groups.get(LendSettings.class),
                groups.get(IntegritySettings.class),
                groups.get(DescriptorSettings.class),
                groups.get(LeaseSettings.class),
                groups.get(PrefetchSettings.class),
                groups.get(KeepSettings.class));
    }

    /** From texts by their names; what is not among them has its default. */
    public static WorkerConfig bind(SettingsBinder binder, Map<String, String> values) {
        return of(new Groups() {
            @Override
            public <T extends Record> T get(Class<T> group) {
                return binder.bind(group, values);
            }
        });
    }
}
