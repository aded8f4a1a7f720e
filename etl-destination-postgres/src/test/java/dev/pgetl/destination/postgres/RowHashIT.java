package dev.pgetl.destination.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.verify.RowHash;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The hash in Java is that of the server, for texts of every length and letter. */
@ExtendWith(PostgresExtension.class)
class RowHashIT {
  private static final String[] LETTERS = {"a", "'", "\\", "\"", ",", "é", "€", "😀", "\n", " "};

  private static final String QUERY =
      """
      select hashtextextended(format('%L,%L', a, b) collate "C", 0),
        hashtextextended(format('%L', a) collate "C", 1) & 1023
      from (select ?::text as a, ?::text as b) v""";

  @Test
  void isThatOfTheServer(TestDatabase database) throws SQLException {
    SplittableRandom random = new SplittableRandom(1);
    List<@Nullable String[]> rows = new ArrayList<>();
    rows.add(new @Nullable String[] {null, null});
    rows.add(new @Nullable String[] {"", "NULL"});
    for (int length = 0; length < 60; length++) {
      rows.add(new @Nullable String[] {text(random, length), text(random, random.nextInt(9))});
    }
    try (Connection connection = database.connect();
        PreparedStatement query = connection.prepareStatement(QUERY)) {
      for (@Nullable String[] row : rows) {
        query.setString(1, row[0]);
        query.setString(2, row[1]);
        try (ResultSet answer = query.executeQuery()) {
          assertThat(answer.next()).isTrue();
          assertThat(RowHash.row(Arrays.asList(row))).isEqualTo(answer.getLong(1));
          assertThat(RowHash.group(Arrays.asList(row[0]), 1024)).isEqualTo(answer.getInt(2));
        }
      }
    }
  }

  private static String text(SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(LETTERS[random.nextInt(LETTERS.length)]);
    }
    return text.toString();
  }
}
