package dev.pgetl.it.outages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.it.outages.Outage.Phase;
import dev.pgetl.testkit.postgres.PostgresExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Source, destination or store fails, in each way, while tables are copied and while they are
 * streamed. Health reports it and is never {@code DOWN}, no thread is taken for stuck, and each
 * endpoint says what {@code docs/kubernetes.md} says; once it is over all is as before, by itself.
 */
@ExtendWith(PostgresExtension.class)
class OutagesIT {
  private static final int AT_ONCE = 8;

  @ParameterizedTest
  @EnumSource
  void heals(Phase phase) throws InterruptedException {
    List<Finding> findings = Outages.run(Outage.all(phase), Limits.brief(), AT_ONCE);

    assertThat(findings)
        .allMatch(finding -> finding.reported() != null || finding.outage().mayGoUnreported());
    OutageTable table = OutageTable.read();
    Duration limit = Limits.brief().stall().multipliedBy(2);
    assertThat(findings).allSatisfy(finding -> table.compare(finding, limit));
  }
}
