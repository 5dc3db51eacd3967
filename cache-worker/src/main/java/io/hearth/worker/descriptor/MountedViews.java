package io.hearth.worker.descriptor;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.Tier;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tiers' files by a {@link ReadOnlyMount} of each tier. Thread-safe; owns the mounts. */
final class MountedViews implements TierViews {
    private final Map<Path, ReadOnlyMount> mounts = new HashMap<>();

    /** @throws HearthException if one of the tiers cannot be had so */
    MountedViews(List<Tier> tiers) {
        try {
            for (Tier tier : tiers) {
                Path directory = tier.spec().directory();
                mounts.put(directory, ReadOnlyMount.of(directory));
            }
        } catch (HearthException e) {
            close();
            throw e;
        }
    }

    @Override
    public ReadOnlyDescriptor open(ObjectFile file) {
        Path directory = file.tier().spec().directory();
        ReadOnlyDescriptor found = mounts.get(directory).open(directory.relativize(file.dataPath()));
        try {
            // By its path: another file may be there by now.
            if (!found.isSameAs(file.channel())) {
                throw new HearthException(FailureKind.UNAVAILABLE, "the file has left its tier");
            }
            return found;
        } catch (HearthException e) {
            found.close();
            throw e;
        }
    }

    @Override
    public void close() {
        mounts.values().forEach(ReadOnlyMount::close);
    }
}
