package io.hearth.worker.integrity;

import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.settings.Setting;
import java.time.Duration;

/** The settings of the checks of resident bytes. */
public record IntegritySettings(
        @Setting(
                name = "worker.scrub-rate",
                value = "16MiB",
                description =
                        "Resident bytes that are read again and compared each second, in the background; 0 = none.")
        DataSize scrubRate,

        @Setting(
                name = "worker.scrub-pause",
                value = "1h",
                min = "1ms",
                description = "Pause between two passes of the scrubber over everything resident.")
        Duration scrubPause,

        @Setting(
                name = "worker.checksum-min-size",
                value = "64MiB",
                min = "1",
                description = "Objects from this size on are held against their origin's checksum when they have become"
                        + " whole: one HEAD each.")
        DataSize checksumMinSize,

        @Setting(
                name = "worker.checksum-rate",
                value = "128MiB",
                description = "Bytes read again each second for origins' checksums other than CRC32C, which needs no"
                        + " reading; 0 = only CRC32C is compared.")
        DataSize checksumRate,

        @Setting(
                name = "worker.checksum-queue",
                value = "1024",
                min = "1",
                description = "Whole objects waiting to be held against their origin's checksum; more are not.")
        int checksumQueue,

        @Setting(
                name = "worker.checksum-wait",
                value = "30s",
                min = "0s",
                description = "How long a load waits, once it has read its objects back, for the answers about their"
                        + " checksums at the origin.")
        Duration checksumWait,

        @Setting(
                name = "worker.checksum-refusal",
                value = "1h",
                min = "1ms",
                description = "How long an object is refused after it differed from its origin's checksum twice in a"
                        + " row.")
        Duration checksumRefusal,

        @Setting(
                name = "worker.descriptor-share",
                value = "50",
                min = "0",
                max = "100",
                description = "Percent of a memory tier's quota that may lie under descriptors of whole files, whose"
                        + " holders cannot be asked to let go.")
        int descriptorShare,

        @Setting(
                name = "worker.descriptor-share-readers",
                value = "100",
                min = "0",
                max = "100",
                description =
                        "The same for all descriptors, those of readers as well: mounts of this node, which let go"
                                + " when they are asked to; files past it are read over the data plane.")
        int descriptorShareReaders,

        @Setting(
                name = "worker.passthrough-verify-rate",
                value = "256MiB",
                description = "Bytes read each second to verify files of an earlier life of the worker that mounts have"
                        + " open, so that the kernel may read them; 0 = only what is read is verified.")
        DataSize passthroughVerifyRate) {}
