/** What the processes cost: memory and processor time. */
package io.hearth.bench.cost;
