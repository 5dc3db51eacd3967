/** The worker's meters: {@link io.hearth.worker.metrics.WorkerMetrics} registers every one when it is made. */
package io.hearth.worker.metrics;
