package io.hearth.master;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.HearthException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The listed trees of datasets, for what works on their files beside the master. Thread-safe. */
public interface DatasetTrees {
    /**
     * The newest tree, listed anew first where it is older than the dataset's refresh bound. A listing that fails
     * leaves the tree that is there. Does not block.
     *
     * @param anew lists in any case, and fails if that fails
     * @return failed with a {@link HearthException}: {@code NOT_FOUND} for an unknown dataset, the listing's own reason
     *     where there is no tree; to be closed by the caller
     */
    CompletableFuture<PinnedTree> newest(DatasetName name, boolean anew);

    /** A tree that was pinned before, perhaps in an earlier life of the master; empty if it is gone. Blocks. */
    Optional<PinnedTree> find(DatasetName name, String datasetUid, String generation);

    /** Whether the dataset is still the one of that uid. Blocks. */
    boolean exists(DatasetName name, String datasetUid);
}
