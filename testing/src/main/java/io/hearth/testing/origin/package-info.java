/**
 * An object store with the limits of a real one: {@link io.hearth.testing.origin.StubOrigin} speaks enough S3 for a
 * dataset over loopback, at rates that a test or a measurement chooses ({@link io.hearth.testing.origin.OriginLimits}),
 * and counts what it sends. Its content comes of a seed, so that every byte can be checked and none is kept.
 */
package io.hearth.testing.origin;
