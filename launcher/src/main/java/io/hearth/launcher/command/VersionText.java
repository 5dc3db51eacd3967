package io.hearth.launcher.command;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
final class VersionText implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"hearth " + number()};
    }

    static String number() {
        String version = VersionText.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
