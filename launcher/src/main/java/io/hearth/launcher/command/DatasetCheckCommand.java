package io.hearth.launcher.command;

import io.hearth.launcher.command.DatasetSource.Declared;
import io.hearth.launcher.output.Table;
import io.hearth.protocol.api.CheckReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth dataset check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Try a dataset's endpoint, credentials, bucket and prefix live; save nothing.")
final class DatasetCheckCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Mixin
    private DatasetSource source;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        Declared declared = source.read(master.namespace());
        CheckReport report = master.ask(api -> api.check(declared.name(), declared.spec()));
        output.print(report, () -> table(report));
        report.findings().stream()
                .filter(finding -> !finding.ok())
                .findFirst()
                .ifPresent(finding -> System.err.println("hearth: " + finding.subject() + ": " + finding.detail()));
        return report.ok() ? 0 : 1;
    }

    private static String table(CheckReport report) {
        Table table = new Table("ORIGIN", "CHECK", "RESULT", "DETAIL");
        report.findings()
                .forEach(finding -> table.row(
                        finding.mountPoint(), finding.subject(), finding.ok() ? "ok" : "FAILED", finding.detail()));
        return table.toString();
    }
}
