/**
 * The load engine: makes chosen files of a dataset resident and verified before they are needed, and says so only when
 * they are.
 *
 * <p>Start with {@link io.hearth.prefetch.Loads}, which runs beside a master and serves the operations of loads. A
 * {@code LoadRun} works on one load in rounds, on its own thread. Sub-packages: {@code target} (what a load wants) and
 * {@code round} (one attempt at it: the plan, the workers' shares, what the indexes say at last). What must outlive the
 * process is in the cluster store; a restarted master goes on with every load that had not ended.
 */
package io.hearth.prefetch;
