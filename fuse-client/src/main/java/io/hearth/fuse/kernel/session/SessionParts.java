package io.hearth.fuse.kernel.session;

import io.hearth.fuse.MountMetrics;

/** What the threads of a session share, besides the tree. */
record SessionParts(ReplyBuffers buffers, InFlight inFlight, OpenModes modes, MountMetrics metrics) {}
