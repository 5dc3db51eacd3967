package io.hearth.testing.origin;

/**
 * What a stub origin did since it started.
 *
 * @param bytes body bytes of objects handed to the network
 * @param requests all requests, refused ones included
 * @param gets requests for objects' bytes that were answered with some
 * @param connections connections accepted
 * @param refusals answers 503
 */
public record OriginCounts(long bytes, long requests, long gets, long connections, long refusals) {}
