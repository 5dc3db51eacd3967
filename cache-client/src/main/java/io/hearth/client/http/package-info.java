/**
 * The client of the masters' HTTP API.
 *
 * <p>{@link io.hearth.client.http.HttpMasterApi} says what each call is; {@code MasterCalls} finds a master that
 * answers and turns every foreign failure into a {@code HearthException}.
 */
package io.hearth.client.http;
