package io.hearth.objectstore.engine;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStore.RangeRequest;
import io.hearth.objectstore.RangeSink;
import io.hearth.objectstore.engine.Permit.Outcome;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One range on its way into a sink, over as many attempts as it takes: one after the other, and two at once only until
 * one of them has its first byte.
 */
final class RangeRead implements OriginQueue.Waiter {
    private static final int ABANDONED_MAX = 3;

    private final RangeTools tools;
    private final OriginLane lane;
    private final ObjectStore store;
    private final RangeRequest request;
    private final RangeSink sink;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    /** Written by the attempt that feeds the sink. */
    private volatile int taken;
    // Guarded by this.
    private final List<RangeAttempt> live = new ArrayList<>();
    private Optional<RangeAttempt> feeding = Optional.empty();
    private int attempts;
    private int abandoned;

    RangeRead(RangeTools tools, OriginLane lane, ObjectStore store, RangeRequest request, RangeSink sink) {
        this.tools = tools;
        this.lane = lane;
        this.store = store;
        this.request = request;
        this.sink = sink;
    }

    CompletableFuture<Void> start(Optional<Permit> turn) {
        turn.ifPresentOrElse(this::granted, this::queue);
        return result;
    }

    private void queue() {
        Runnable leave = lane.gate().join(lane, this);
        result.whenComplete((nothing, failure) -> leave.run());
    }

    @Override
    public void refused(HearthException why) {
        result.completeExceptionally(why);
    }

    @Override
    public boolean granted(Permit permit) {
        if (result.isDone()) {
            permit.release(Outcome.OTHER);
            return false;
        }
        boolean again;
        synchronized (this) {
            again = attempts++ > 0;
        }
        if (again) {
            tools.metrics().retried();
        }
        lane.gate().spend(lane, request.length() - taken);
        RangeAttempt first = begin(permit);
        lane.gate().pace().hedgeAfterNs().ifPresent(wait -> tools.later(() -> hedge(first), wait));
        return false;
    }

    private RangeAttempt begin(Permit permit) {
        RangeAttempt attempt = new RangeAttempt(tools, this, permit);
        synchronized (this) {
            live.add(attempt);
        }
        attempt.start(store, rest());
        return attempt;
    }

    private void hedge(RangeAttempt late) {
        synchronized (this) {
            if (result.isDone() || feeding.isPresent() || live.size() != 1 || live.get(0) != late) {
                return;
            }
        }
        lane.gate().hedge(lane, rest().length()).ifPresent(this::begin);
    }

    RangeRequest request() {
        return request;
    }

    RangeSink sink() {
        return sink;
    }

    CompletableFuture<Void> result() {
        return result;
    }

    OriginGate gate() {
        return lane.gate();
    }

    private RangeRequest rest() {
        return new RangeRequest(
                request.key(),
                request.validator(),
                request.objectBytes(),
                request.offset() + taken,
                request.length() - taken);
    }

    @Override
    public long leftBytes() {
        return request.length() - taken;
    }

    /** Whether this attempt is the one that feeds the sink; its rival is given up with its first byte. */
    boolean feeds(RangeAttempt attempt) {
        List<RangeAttempt> rivals;
        synchronized (this) {
            if (!live.contains(attempt)) {
                return false; // A byte on its way when the attempt was given up: it must not take the sink from the
                // next one.
            }
            if (feeding.isPresent()) {
                return feeding.get() == attempt;
            }
            feeding = Optional.of(attempt);
            rivals = live.stream().filter(other -> other != attempt).toList();
        }
        rivals.forEach(RangeAttempt::lose);
        return true;
    }

    void took(int bytes) {
        taken += bytes;
        lane.gate().pace().received(bytes);
    }

    /** Whether a slow attempt may be given up for another. */
    synchronized boolean mayAbandon() {
        if (abandoned >= ABANDONED_MAX) {
            return false;
        }
        abandoned++;
        tools.metrics().abandoned();
        return true;
    }

    /**
     * An attempt is over, and the sink holds none of its buffers.
     *
     * @param reason asked for where bytes are missing
     */
    void over(RangeAttempt attempt, Permit permit, Supplier<HearthException> reason) {
        boolean rivalGoesOn;
        synchronized (this) {
            live.remove(attempt);
            if (feeding.filter(one -> one == attempt).isPresent()) {
                feeding = Optional.empty();
            }
            rivalGoesOn = !live.isEmpty();
        }
        boolean complete = leftBytes() == 0;
        boolean slow = attempt.abandoned();
        if (complete) {
            permit.release(attempt.lost() ? Outcome.OTHER : Outcome.GIVEN);
            result.complete(null);
        } else if (slow && !result.isDone() && !rivalGoesOn) {
            begin(permit);
        } else {
            HearthException why = reason.get();
            permit.release(attempt.lost() || result.isDone() ? Outcome.OTHER : outcome(why));
            finish(why, rivalGoesOn);
        }
    }

    private static Outcome outcome(HearthException reason) {
        return switch (reason.kind()) {
            case OVERLOADED -> Outcome.REFUSED;
            case UNAVAILABLE, TIMEOUT -> Outcome.FAILED;
            default -> Outcome.OTHER;
        };
    }

    private void finish(HearthException failure, boolean rivalGoesOn) {
        int made;
        synchronized (this) {
            made = attempts;
        }
        if (failure.kind().action() == FailureKind.Action.STOP || result.isDone()) {
            result.completeExceptionally(failure);
        } else if (rivalGoesOn) {
            return;
        } else if (made >= tools.settings().attemptsMax()) {
            result.completeExceptionally(new HearthException(
                    failure.kind(), failure.getMessage() + " (after " + made + " attempts)", failure));
        } else {
            long waitNs = TimeUnit.MILLISECONDS.toNanos(tools.backoffMs(made));
            if (tools.later(this::again, waitNs).isEmpty()) {
                result.completeExceptionally(failure);
            }
        }
    }

    private void again() {
        if (!result.isDone()) {
            queue();
        }
    }
}
