/**
 * Other systems that mount a bucket, as they come from the distribution. A {@link io.hearth.bench.peer.Peer} is one of
 * them with one set of options; {@link io.hearth.bench.peer.Packages} installs what is missing, or says why not.
 */
package io.hearth.bench.peer;
