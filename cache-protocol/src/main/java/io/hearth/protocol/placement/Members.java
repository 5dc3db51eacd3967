package io.hearth.protocol.placement;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.Comparator;
import java.util.List;

/**
 * The workers of one epoch, in the order of their ids: whoever knows the epoch has them at the same places, whatever
 * order it heard them in. Immutable.
 *
 * @param epoch grows with each change of the list
 */
public record Members(long epoch, List<Member> all) {
    /** @throws HearthException {@link FailureKind#INVALID} where an id comes twice */
    public Members {
        all = all.stream().sorted(Comparator.comparing(Member::id)).toList();
        for (int i = 1; i < all.size(); i++) {
            if (all.get(i).id().equals(all.get(i - 1).id())) {
                throw new HearthException(
                        FailureKind.INVALID, "worker " + all.get(i).id() + " is listed twice");
            }
        }
    }

    /** How many there are. */
    public int size() {
        return all.size();
    }
}
