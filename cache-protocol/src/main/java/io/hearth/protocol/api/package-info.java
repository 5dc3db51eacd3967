/**
 * Documents of the HTTP API under {@code /v1}, as records that {@link io.hearth.protocol.api.Json} reads and writes.
 * Instants are ISO-8601 texts, durations texts such as {@code 60s}, sizes numbers of bytes.
 */
package io.hearth.protocol.api;
