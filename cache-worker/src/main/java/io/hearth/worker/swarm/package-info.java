/**
 * How nodes that want the same object fill each other: what to ask of whom, and whom to serve first.
 *
 * <p>Start with {@link io.hearth.worker.swarm.Swarm}, the plan of one node for one object: events in, orders out by
 * {@link io.hearth.worker.swarm.SwarmOrders}. {@link io.hearth.worker.swarm.ServeOrder} is the other side of it, and
 * {@link io.hearth.worker.swarm.NeighbourRings} says who talks to whom. All of it is pure: no thread, no socket, no
 * disk; time and chance come by the constructor, so that the same code runs in a simulation (docs/SIMULATION.md). The
 * reasons are in docs/decisions/0021-peers.md.
 */
package io.hearth.worker.swarm;
