/**
 * The read path, shared by workers and mounts, and the client of the master's HTTP API.
 *
 * <p>Start with {@link io.hearth.client.Source} (where bytes come from), {@link io.hearth.client.ObjectReads} (positional
 * reads for a mount, falling back from worker to origin) and {@link io.hearth.client.MasterApi} (the control plane).
 */
package io.hearth.client;
