package io.hearth.worker.share;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the steps of many works, a bounded number at once, one of each work by turns. Thread-safe; nothing blocks. */
final class StepPump {
    private static final Logger LOG = LoggerFactory.getLogger(StepPump.class);

    private final int stepsMax;
    private final ArrayDeque<Work> works = new ArrayDeque<>();
    private final AtomicInteger passes = new AtomicInteger();
    private int running;

    StepPump(int stepsMax) {
        this.stepsMax = stepsMax;
    }

    /** Work in steps. Called by one thread at a time. */
    interface Steps {
        /**
         * Begins the next step, without blocking; empty when none is left. Its end, well or not, makes room for
         * another.
         */
        Optional<CompletableFuture<?>> next();

        /** No step is left and none runs. Called once. */
        void done();
    }

    /** A work and how many of its steps run; guarded by the pump. */
    private static final class Work {
        private final Steps steps;
        private int running;
        private boolean exhausted;

        Work(Steps steps) {
            this.steps = steps;
        }
    }

    void add(Steps steps) {
        synchronized (this) {
            works.add(new Work(steps));
        }
        startSome();
    }

    /** Steps under way. */
    synchronized int running() {
        return running;
    }

    /** One thread at a time begins steps; one that ends at once must not deepen the stack. */
    private void startSome() {
        if (passes.getAndIncrement() > 0) {
            return;
        }
        do {
            for (Optional<Work> next = take(); next.isPresent(); next = take()) {
                startOne(next.get());
            }
        } while (passes.decrementAndGet() > 0);
    }

    private synchronized Optional<Work> take() {
        Optional<Work> next = running < stepsMax ? Optional.ofNullable(works.poll()) : Optional.empty();
        next.ifPresent(work -> {
            running++;
            work.running++;
        });
        return next;
    }

    private void startOne(Work work) {
        Optional<CompletableFuture<?>> step = next(work.steps);
        synchronized (this) {
            if (step.isPresent()) {
                works.add(work);
            } else {
                work.exhausted = true;
            }
        }
        step.orElseGet(() -> CompletableFuture.completedFuture(null)).whenComplete((nothing, failure) -> {
            boolean done;
            synchronized (this) {
                running--;
                work.running--;
                done = work.exhausted && work.running == 0;
            }
            if (done) {
                work.steps.done();
            }
            startSome();
        });
    }

    private static Optional<CompletableFuture<?>> next(Steps steps) {
        try {
            return steps.next();
        } catch (RuntimeException | Error e) {
            // An error as well: who begins steps must come to the end, or no share would go on. The share's status is
            // read from the index and shows what is left out.
            LOG.error("an error in a share of a load; the rest of its work is left out", e);
            return Optional.empty();
        }
    }
}
