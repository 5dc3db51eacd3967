/**
 * The control plane: catalog, generations, sessions, membership, residency, evictions, and the HTTP API over them.
 *
 * <p>Start with {@link io.hearth.master.Master}, which wires everything; {@code MasterRoutes} is the table of the API.
 * What must outlive the process is in the cluster store; residency is in memory, and workers report it anew to a
 * restarted master. Called by the launcher, which owns the HTTP server. Secrets are resolved on use: never stored,
 * logged or listed.
 */
package io.hearth.master;
