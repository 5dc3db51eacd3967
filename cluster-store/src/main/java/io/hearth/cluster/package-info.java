/**
 * What the masters remember: transactional maps, durable queues and leases.
 *
 * <p>Start with {@link io.hearth.cluster.ClusterStore}; {@link io.hearth.cluster.IgniteClusterStore} opens one on an
 * embedded Apache Ignite node. Called by the master and by what runs beside it. Nothing else in Hearth imports Ignite,
 * and no Ignite type or exception leaves this package: keys are texts, values bytes, failures {@code HearthException}.
 */
package io.hearth.cluster;
