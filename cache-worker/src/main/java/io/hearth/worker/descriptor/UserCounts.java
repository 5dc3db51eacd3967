package io.hearth.worker.descriptor;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.concurrent.ConcurrentHashMap;

/** How many of something each user has, within a bound. Thread-safe. */
final class UserCounts {
    private final int most;
    private final String refusal;
    private final ConcurrentHashMap<Integer, Integer> counts = new ConcurrentHashMap<>();

    /** @param refusal what is said to a user who has as many */
    UserCounts(int most, String refusal) {
        this.most = most;
        this.refusal = refusal;
    }

    /** @throws HearthException {@link FailureKind#OVERLOADED} if the user has as many already */
    void take(int user) {
        counts.compute(user, (same, known) -> {
            int now = known == null ? 0 : known;
            if (now >= most) {
                throw new HearthException(FailureKind.OVERLOADED, refusal + " (user " + user + ")");
            }
            return now + 1;
        });
    }

    void give(int user) {
        counts.computeIfPresent(user, (same, known) -> known > 1 ? known - 1 : null);
    }

    int all() {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }
}
