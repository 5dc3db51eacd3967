package io.hearth.protocol.api;

/**
 * Body of every answer with a status of 400 or more.
 *
 * @param status the HTTP status again
 * @param code {@link io.hearth.protocol.FailureKind#code()}
 * @param message one line that says what is wrong and what to do
 */
public record ErrorDocument(int status, String code, String message) {}
