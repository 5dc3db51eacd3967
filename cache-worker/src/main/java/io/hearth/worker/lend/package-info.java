/**
 * Lending: memory and disk belong to the node, and go back the moment it wants them.
 * {@link io.hearth.worker.lend.Lending} looks at the node's signals on a thread of its own, decides with
 * {@link io.hearth.worker.lend.LendPolicy} and has {@link io.hearth.worker.tier.GiveBack} free the bytes; a platform or
 * a person asks it the same by command. Beside it the node's business limits what is sent to other nodes.
 */
package io.hearth.worker.lend;
