/**
 * Reading the files of this node's own worker, by descriptors that it hands out over a Unix socket.
 *
 * <p>{@link io.hearth.client.local.LocalFiles} is the face: it opens objects. A {@code LocalFile} is one object, a
 * {@code GrantedFile} one descriptor with the ranges that the worker said are there, {@code DescriptorConnection} the
 * conversation on the socket. Whatever is not to be had here is left to the caller, who reads it over the data plane.
 */
package io.hearth.client.local;
