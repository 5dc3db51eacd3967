package io.hearth.launcher.command;

import io.hearth.client.MasterApi;
import io.hearth.launcher.MasterConnection;
import io.hearth.launcher.doctor.Diagnosis;
import io.hearth.launcher.doctor.Diagnosis.Finding;
import io.hearth.launcher.doctor.Diagnosis.Verdict;
import io.hearth.launcher.output.Table;
import io.hearth.launcher.settings.Settings;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hearth doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Check kernel, FUSE, limits, disk and whether masters and workers can be reached.")
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private MasterOptions master;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        Settings settings = master.settings();
        List<Finding> findings;
        try (MasterApi api = MasterConnection.open(settings)) {
            findings = new Diagnosis(settings, api).run();
        }
        output.print(findings, () -> table(findings));
        return findings.stream().anyMatch(finding -> finding.verdict() == Verdict.FAILED) ? 1 : 0;
    }

    private static String table(List<Finding> findings) {
        Table table = new Table("CHECK", "RESULT", "DETAIL");
        findings.forEach(finding -> table.row(
                finding.check(), finding.verdict().toString().toLowerCase(java.util.Locale.ROOT), finding.detail()));
        return table.toString();
    }
}
