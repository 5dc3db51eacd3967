package io.hearth.prefetch.round;

import java.time.Duration;

/**
 * Bounds of a round.
 *
 * @param sharesFilling shares that one worker fills at once
 * @param pollInterval how often workers are asked
 * @param requestTimeout longest wait for an answer, beyond what the worker was asked to wait
 * @param workerWait how long a worker that is gone is waited for
 * @param stallTimeout how long a round may stand still
 */
public record RoundLimits(
        int sharesFilling,
        Duration pollInterval,
        Duration requestTimeout,
        Duration workerWait,
        Duration stallTimeout) {}
