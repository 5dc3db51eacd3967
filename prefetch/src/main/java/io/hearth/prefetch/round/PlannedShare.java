package io.hearth.prefetch.round;

import io.hearth.protocol.api.WorkerRegistration;

/**
 * What of a load one worker is to hold, in one share.
 *
 * @param from first and
 * @param to last (exclusive) of the wanted files that the share is cut from
 * @param files the files of which the worker gets blocks, in ascending order: the share's items
 * @param bytes sum of those blocks
 */
public record PlannedShare(WorkerRegistration worker, int from, int to, int[] files, long bytes) {}
