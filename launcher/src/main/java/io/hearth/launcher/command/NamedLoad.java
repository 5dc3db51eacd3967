package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.LoadStatus;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The arguments of a command about one load, whose name alone finds its dataset. */
final class NamedLoad {
    @Mixin
    MasterOptions master;

    @Parameters(index = "0", paramLabel = "LOAD", description = "The load, as 'hearth load list' names it.")
    private String name;

    /** The load as it stands. */
    LoadStatus find(MasterApi api) {
        return api.loads(master.namespace()).join().loads().stream()
                .filter(load -> load.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new HearthException(
                        FailureKind.NOT_FOUND,
                        "there is no load " + name + " in namespace " + master.namespace()
                                + ": see 'hearth load list'"));
    }

    static DatasetName dataset(LoadStatus load) {
        return new DatasetName(load.namespace(), load.dataset());
    }
}
