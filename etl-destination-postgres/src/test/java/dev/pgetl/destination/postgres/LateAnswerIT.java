package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The server answers after the time limit: the answer must not count for a later question. */
@ExtendWith(PostgresExtension.class)
class LateAnswerIT {
  private static final TableSchema TABLE =
      TestTable.named("lates").key("id", TestTable.TEXT).build();

  /** The first copy takes longer than the limit, and less than twice. */
  private static final String SLOW_ONCE =
      """
      create sequence late.calls;
      create function late.slow() returns trigger language plpgsql as $$
        begin
          if nextval('late.calls') = 1 then perform pg_sleep(1.5); end if;
          return null;
        end $$;
      create trigger slow after insert on late.lates for each statement execute function late.slow();
      alter table late.lates enable always trigger slow;
      """;

  private final TestDatabase database;
  private final Destination destination;

  LateAnswerIT(TestDatabase database) {
    this.database = database;
    this.destination =
        PostgresDestination.builder(database.connectionConfig(), "late")
            .tableNames(name -> new TableName("late", name.name()))
            .callTimeout(Duration.ofSeconds(1))
            .build();
  }

  @AfterEach
  void stop() {
    destination.close();
  }

  @Test
  void aConnectionThatOwesAnAnswerIsNotUsedAgain() throws SQLException {
    destination.startup();
    destination.truncateTable(null, TABLE);
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      boolean unused = statement.execute(SLOW_ONCE);
    }
    List<TableRow> rows = List.of(row(TABLE, "1"), row(TABLE, "2"));
    EtlException late =
        catchThrowableOfType(EtlException.class, () -> destination.writeTableRows(TABLE, rows));
    assertThat(late.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);

    var unused = destination.writeTableRows(TABLE, rows);
    destination.tableCopied(TABLE);

    assertThat(database.value("select count(*) from late.lates")).isEqualTo("2");
  }
}
