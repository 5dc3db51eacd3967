/**
 * The words that every process of Hearth shares: ids, objects, geometry, failures and placement.
 *
 * <p>Plain Java without threads, sockets or clocks. Called by every module; imports none of them. Sub-packages:
 * {@code generation} (listings of a dataset), {@code wire} (frames of the data plane), {@code api} (documents of the
 * HTTP API) and {@code settings} (typed settings).
 */
package io.hearth.protocol;
