package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.config.FailoverSlots;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SlotFailover;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.standby.StandbySource;
import java.sql.SQLException;
import java.util.function.Consumer;

/** What a standby needs to be the source, or to take over from it. */
final class StandbyCheck implements Check {
  private static final String ON_STANDBY = "On the standby: ";
  private static final String PHYSICAL_SLOT = "SELECT current_setting('primary_slot_name') <> ''";

  private final String applySlot;

  StandbyCheck(String applySlot) {
    this.applySlot = applySlot;
  }

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    FailoverSlots wanted = source.config().failoverSlots();
    boolean reads = source.config().pgConnection().readsFromStandby();
    new StandbySource(reads, wanted, applySlot)
        .check(source.connection(), (kind, what, fix) -> found.accept(lacking(what, fix)));
    if (!StandbySource.is(source.connection())) {
      failover(source, wanted, found);
    } else if (reads
        && !Sql.first(source.connection(), PHYSICAL_SLOT, row -> row.getBoolean(1)).orElse(true)) {
      found.accept(withoutSlot());
    }
  }

  private static Finding lacking(String what, String fix) {
    Finding finding = Finding.of(FindingCode.STANDBY_SOURCE, what);
    return fix.startsWith(ON_STANDBY)
        ? finding.fixedBy(
            "On the standby", fix.substring(ON_STANDBY.length()).split("; ")) // each a statement
        : finding.fixedBy(fix);
  }

  private static Finding withoutSlot() {
    return Finding.of(
            FindingCode.STANDBY_WITHOUT_SLOT,
            "primary_slot_name of the standby is empty: while it is not connected to the primary, that"
                + " may remove rows which the pipeline's slots need, and they are lost")
        .fixedBy(
            "On the primary, SELECT pg_create_physical_replication_slot('pgetl_standby', true); then on"
                + " the standby",
            "ALTER SYSTEM SET primary_slot_name = 'pgetl_standby'",
            "SELECT pg_reload_conf()");
  }

  private static void failover(Examined source, FailoverSlots wanted, Consumer<Finding> found)
      throws SQLException {
    if (wanted == FailoverSlots.OFF) {
      return;
    }
    try {
      new SlotFailover(wanted).requireSupport(source.connection());
    } catch (EtlException e) {
      found.accept(Finding.of(FindingCode.FAILOVER_UNSUPPORTED, e.summary()).fixedBy(e.fix()));
    }
    SlotFailover.findings(source.connection()).forEach(found);
  }
}
