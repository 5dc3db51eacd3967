/**
 * Nodes that fill each other, in virtual time: the planning code of the product over links, an origin and faults that
 * are computed. A seed gives the same run again. See docs/SIMULATION.md; start with
 * {@link io.hearth.worker.swarm.sim.Simulation}.
 */
package io.hearth.worker.swarm.sim;
