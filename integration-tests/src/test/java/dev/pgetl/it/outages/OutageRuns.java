package dev.pgetl.it.outages;

import dev.pgetl.it.outages.Outage.Phase;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * All outages with the limits that are documented, for the table in {@code docs/operations.md}.
 * {@code -Doutages.brief=true} for short limits, {@code -Doutages.only=store} for some of them,
 * {@code -Doutages.atOnce}.
 */
class OutageRuns {
  private static final boolean BRIEF = Boolean.getBoolean("outages.brief");
  private static final String ONLY = System.getProperty("outages.only", "");
  private static final int AT_ONCE = Integer.getInteger("outages.atOnce", 6);

  @Test
  void printsWhatHealthSays() throws InterruptedException {
    Limits limits = BRIEF ? Limits.brief() : Limits.defaults();
    List<Outage> outages =
        List.of(Phase.values()).stream()
            .flatMap(phase -> Outage.all(phase).stream())
            .filter(outage -> outage.toString().contains(ONLY))
            .toList();
    List<Finding> findings = Outages.run(outages, limits, AT_ONCE);
    System.out.print(Finding.HEAD);
    findings.forEach(finding -> System.out.println(finding.row()));
  }
}
