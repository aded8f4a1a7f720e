package dev.pgetl.it.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.sim.ScriptedReplay;
import dev.pgetl.internal.sim.ScriptedReplay.Act;
import dev.pgetl.internal.sim.server.StatementSql;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Scripts of the simulation, executed on the scripted server and on a real one: both send the same
 * messages in the same order, create slots at the same moment, and refuse the same statements.
 */
class ScriptedServerIT {
  private static final int COUNT = RandomRuns.count("scripts.count", 5);
  private static final long FIRST_SEED = Seed.of("scripts").value();

  private int read;
  private int transactions;
  private int messages;

  @Test
  void sendsWhatARealServerSends() throws SQLException, InterruptedException {
    System.out.println("scripts: -Dscripts.count=" + COUNT + " -Dscripts.seed=" + FIRST_SEED);
    int version = TestPostgres.shared().majorVersion();
    for (long seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
      replay(seed, version);
    }
    System.out.printf(
        "scripts: %d reads of %d transactions, %d messages%n", read, transactions, messages);
  }

  private void replay(long seed, int version) throws SQLException, InterruptedException {
    List<Act> acts = ScriptedReplay.of(seed, version);
    try (TestDatabase database = TestPostgres.shared().createDatabase();
        RealServer server = new RealServer(database, ScriptedReplay.PUBLICATION)) {
      for (int i = 0; i < acts.size(); i++) {
        String where = "-Dscripts.count=1 -Dscripts.seed=%d, act %d".formatted(seed, i);
        perform(server, acts.get(i), where);
      }
    }
  }

  private void perform(RealServer server, Act act, String where) throws SQLException {
    if (act instanceof Act.Execute execute) {
      assertThat(server.execute(execute.session(), execute.sql(), execute.done()))
          .as("%s: %s", where, execute.sql())
          .isEqualTo(execute.done());
    } else if (act instanceof Act.End end) {
      server.end(end.session(), end.commit());
    } else if (act instanceof Act.CreateSlot create) {
      server.createSlot(create.slot());
    } else if (act instanceof Act.SlotsReady ready) {
      assertThat(server.slotsReady()).as("%s: slots", where).isEqualTo(ready.slots());
    } else if (act instanceof Act.Read reading) {
      compare(server, reading, where);
    }
  }

  private void compare(RealServer server, Act.Read reading, String where) throws SQLException {
    var real = DecodedStream.transactions(server.read(reading.slot()), StatementSql.PADDING);
    var scripted = DecodedStream.transactions(reading.messages(), StatementSql.PADDING);
    assertThat(text(scripted)).as("%s: slot %s", where, reading.slot()).isEqualTo(text(real));
    if (reading.confirmed() > 0) {
      server.confirm(reading.slot(), real.get(reading.confirmed() - 1).end());
    }
    read++;
    transactions += real.size();
    messages += real.stream().mapToInt(transaction -> transaction.lines().size()).sum();
  }

  private static String text(List<DecodedStream.Transaction> transactions) {
    StringBuilder text = new StringBuilder();
    for (DecodedStream.Transaction transaction : transactions) {
      text.append("begin\n");
      transaction.lines().forEach(line -> text.append(line).append('\n'));
      text.append("commit\n");
    }
    return text.toString();
  }
}
