/**
 * Random plans of system calls on a mount, made by a process of its own, against an in-memory file system.
 * {@link io.hearth.fuse.plan.RandomPlans} runs them; {@code Calls}, {@code Caller} and {@code CallingProcess} are the
 * process's side.
 */
package io.hearth.fuse.plan;
