/**
 * The data-plane client.
 *
 * <p>{@link io.hearth.client.worker.WorkerSource} is the face: it picks the worker that owns a block. A
 * {@code WorkerLink} stands for one worker (its connections, whether it is up), a {@code WorkerConnection} for one
 * connection (greeting, signs of life, back-pressure), a {@code WorkerRead} for one read on it. Everything below the
 * face runs on the connection's event loop.
 */
package io.hearth.client.worker;
