package io.hearth.worker.descriptor;

import io.hearth.protocol.settings.Setting;

/** The setting of files that the kernel keeps for mounts which may not ask it themselves. */
public record KeepSettings(
        @Setting(
                name = "worker.passthrough-files",
                value = "256",
                min = "0",
                max = "65536",
                description =
                        "Files that the kernel reads itself, at once, for those mounts of one user that may not ask"
                                + " it to, where the worker may (root, or CAP_SYS_ADMIN); more are read by descriptor. Who"
                                + " connects to worker.socket can have it. 0 = none.")
        int filesMax) {}
