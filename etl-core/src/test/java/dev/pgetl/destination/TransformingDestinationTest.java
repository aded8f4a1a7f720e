package dev.pgetl.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TransformingDestinationTest {
  private static final String ABSENT = "\0absent";
  private static final Transaction TX = new Transaction(new Lsn(100), Instant.EPOCH, 7);
  private static final TableName NAME = new TableName("public", "users");
  private static final TableSchema USERS = table(16385, NAME, "id", "name", "email");
  private static final TableSchema ORDERS =
      table(16386, new TableName("public", "orders"), "id", "note");

  private final Recording target = new Recording();

  @Test
  void changesNothingUnlessTold() {
    TransformingDestination unchanged = TransformingDestination.around(target).build();

    unchanged.truncateTable(USERS);
    unchanged.writeTableRows(USERS, List.of(row(USERS, "1", "Ann", null)));
    unchanged.writeEvents(List.of(insert(row(USERS, "2", "Bob", "b@x"))));

    assertThat(target.schemas).containsOnly(USERS);
    assertThat(target.log)
        .containsExactly("truncate public.users", "rows [1, Ann, null]", "Insert [2, Bob, b@x]");
  }

  @Test
  void renamesTablesAndColumns() {
    TransformingDestination renaming =
        TransformingDestination.around(target)
            .transformAll(TableTransform.renameTable(name -> new TableName("mirror", name.name())))
            .transform(NAME, TableTransform.renameColumn("email", "mail"))
            .build();

    renaming.truncateTable(USERS);
    renaming.writeTableRows(ORDERS, List.of(row(ORDERS, "1", "first")));
    renaming.writeEvents(List.of(insert(row(USERS, "1", "Ann", "a@x"))));

    assertThat(target.schemas)
        .extracting(schema -> schema.name().toString())
        .containsExactly("mirror.users", "mirror.orders", "mirror.users");
    assertThat(names(target.schemas.get(2))).containsExactly("id", "name", "mail");
    assertThat(target.log).last().isEqualTo("Insert [1, Ann, a@x]");
  }

  @Test
  void leavesColumnsOutOfNewAndOldRows() {
    TransformingDestination dropping =
        TransformingDestination.around(target)
            .transform(NAME, TableTransform.dropColumns("name"))
            .build();

    dropping.writeEvents(
        List.of(
            new Event.Update(
                TX,
                1,
                USERS,
                row(USERS, "1", "Ann", ABSENT),
                new Event.OldRow(Event.OldRowKind.KEY, row(USERS, "0", ABSENT, ABSENT))),
            delete(row(USERS, "1", ABSENT, ABSENT))));

    assertThat(target.log)
        .containsExactly("Update [1, absent] was [0, absent]", "Delete [1, absent]");
    assertThat(names(target.schemas.get(0))).containsExactly("id", "email");
  }

  @Test
  void keepsOnlyTheColumnsNamed() {
    TransformingDestination keeping =
        TransformingDestination.around(target)
            .transform(NAME, TableTransform.keepColumns("email", "id", "phone"))
            .build();

    keeping.writeEvents(List.of(insert(row(USERS, "1", "Ann", "a@x"))));

    assertThat(target.log).containsExactly("Insert [1, a@x]");
  }

  @Test
  void masksValuesButNeitherNullsNorWhatIsAbsent() {
    TransformingDestination masking =
        TransformingDestination.around(target)
            .transform(NAME, TableTransform.maskColumn("id", text -> "#" + text))
            .transform(NAME, TableTransform.maskColumn("email", text -> "é".repeat(text.length())))
            .transform(NAME, TableTransform.maskColumn("name", text -> null))
            .build();

    masking.writeEvents(
        List.of(
            insert(row(USERS, "1", "Ann", "a@x")),
            insert(row(USERS, "2", null, null)),
            insert(row(USERS, "3", ABSENT, ABSENT))));

    assertThat(target.log)
        .containsExactly(
            "Insert [#1, null, ééé]", "Insert [#2, null, null]", "Insert [#3, absent, absent]");
    assertThat(target.schemas.get(0).column(0).type().toString()).isEqualTo("text");
    assertThat(target.schemas.get(0).column(0).inReplicaIdentity()).isTrue();
  }

  /** Row of the id 7 in binary format, a name in text and an email in binary format. */
  @Test
  void transformsRowsInBinaryFormat() {
    TransformingDestination transforming =
        TransformingDestination.around(target)
            .transform(NAME, TableTransform.renameColumn("name", "who"))
            .transform(NAME, TableTransform.maskColumn("email", text -> "#" + text))
            .transform(NAME, TableTransform.keepColumns("id", "email"))
            .build();
    byte[] bytes = {0, 0, 0, 7, 'A', 'n', 'n', 'a', '@', 'x'};
    int binary = WireRow.BINARY;

    transforming.writeEvents(
        List.of(
            insert(WireRow.of(USERS, bytes, new int[] {binary, 4, 4, 3, 7 | binary, 3})),
            insert(WireRow.of(USERS, bytes, new int[] {binary, 4, 4, 3, binary, -1}))));

    assertThat(target.log).containsExactly("Insert [7, #a@x]", "Insert [7, null]");
  }

  @Test
  void letsATransformOfTheUsersSeeWhatStoodBefore() {
    TableTransform upperCase =
        source -> new NameInUpperCase(source.column(0).name().equals("key") ? source : USERS);
    TransformingDestination chained =
        TransformingDestination.around(target)
            .transformAll(TableTransform.renameColumn("id", "key"))
            .transform(NAME, upperCase)
            .build();

    chained.writeEvents(List.of(insert(row(USERS, "1", "Ann", "a@x"))));

    assertThat(target.log).containsExactly("Insert [1, ANN, a@x]");
    assertThat(names(target.schemas.get(0))).containsExactly("key", "name", "email");
  }

  @Test
  void leavesOutEventsAndCopiedRows() {
    EventFilter noBob =
        new EventFilter() {
          @Override
          public boolean keeps(Event event) {
            return !(event instanceof Event.Delete);
          }

          @Override
          public boolean keepsCopied(TableRow row) {
            return !"Bob".equals(row.text(1));
          }
        };
    TransformingDestination filtering =
        TransformingDestination.around(target).filter(NAME, noBob).build();

    filtering.writeTableRows(
        USERS, List.of(row(USERS, "1", "Ann", null), row(USERS, "2", "Bob", null)));
    WriteResult result = filtering.writeEvents(List.of(delete(row(USERS, "1", ABSENT, ABSENT))));
    filtering.writeEvents(
        List.of(
            new Event.Begin(TX),
            delete(row(USERS, "1", ABSENT, ABSENT)),
            delete(row(ORDERS, "1", ABSENT)),
            new Event.Commit(TX, 3, new Lsn(120))));

    assertThat(result).isEqualTo(WriteResult.DURABLE);
    assertThat(target.log)
        .containsExactly("rows [1, Ann, null]", "Begin", "Delete [1, absent]", "Commit");
  }

  @Test
  void leavesOutWholeTables() {
    TransformingDestination filtering =
        TransformingDestination.around(target).filter(NAME, event -> false).build();

    filtering.truncateTable(USERS);
    filtering.writeTableRows(USERS, List.of(row(USERS, "1", "Ann", null)));
    filtering.writeEvents(List.of(insert(row(USERS, "2", "Bob", "b@x"))));

    assertThat(target.log).containsExactly("truncate public.users");
    assertThat(target.schemas).contains(USERS); // the copy of a table without rows
  }

  @Test
  void filtersCopiedRowsAsInserts() {
    TransformingDestination filtering =
        TransformingDestination.around(target)
            .filter(NAME, event -> event instanceof Event.Insert)
            .filter(NAME, event -> "Ann".equals(((Event.Insert) event).row().text(1)))
            .build();

    filtering.writeTableRows(
        USERS, List.of(row(USERS, "1", "Ann", null), row(USERS, "2", "Bob", null)));

    assertThat(target.log).containsExactly("rows [1, Ann, null]");
  }

  @Test
  void keepsTheRulesOfARenamedTable() {
    TransformingDestination masking =
        TransformingDestination.around(target)
            .transform(NAME, TableTransform.maskColumn("email", text -> "***"))
            .build();
    TableSchema renamed = table(16385, new TableName("public", "people"), "id", "name", "email");

    masking.tablesPublished(List.of(new NamedTable(USERS.id(), NAME, Set.of())));
    masking.writeEvents(List.of(insert(row(renamed, "1", "Ann", "a@x"))));

    assertThat(target.log).containsExactly("published [16385]", "Insert [1, Ann, ***]");
  }

  @Test
  void namesBothVersionsOfATruncation() {
    TransformingDestination dropping =
        TransformingDestination.around(target)
            .transform(NAME, TableTransform.dropColumns("phone"))
            .build();
    TableSchema wider = table(16385, NAME, "id", "name", "email", "phone");

    dropping.truncateTable(wider, wider);
    dropping.truncateTable(USERS, wider);
    dropping.truncateTable(null, wider);
    dropping.tableCopied(wider);

    assertThat(target.log)
        .containsExactly(
            "truncate [id, name, email] for [id, name, email]",
            "truncate null for [id, name, email]", // rules that do not suit what was before
            "truncate null for [id, name, email]",
            "copied [id, name, email]");
  }

  @Test
  void takesTablesOutOfATruncation() {
    TransformingDestination filtering =
        TransformingDestination.around(target)
            .filter(NAME, event -> !(event instanceof Event.Truncate))
            .transformAll(TableTransform.renameTable(name -> new TableName("mirror", name.name())))
            .build();

    filtering.writeEvents(
        List.of(
            new Event.Truncate(TX, 1, List.of(USERS, ORDERS), true, false),
            new Event.Truncate(TX, 2, List.of(USERS), true, false)));

    assertThat(target.log).containsExactly("Truncate mirror.orders");
  }

  @Test
  void preparesOncePerVersion() {
    AtomicInteger prepared = new AtomicInteger();
    TransformingDestination counting =
        TransformingDestination.around(target)
            .transformAll(
                source -> {
                  prepared.incrementAndGet();
                  return ColumnSelection.all(source);
                })
            .build();
    TableSchema wider = table(16385, NAME, "id", "name", "email", "phone");

    counting.writeTableRows(
        USERS, List.of(row(USERS, "1", "Ann", null), row(USERS, "2", "Bob", null)));
    counting.writeEvents(
        List.of(
            insert(row(USERS, "3", "Cyd", null)),
            new Event.Relation(TX, 2, wider),
            insert(row(wider, "4", "Dan", null, "7"))));

    assertThat(prepared).hasValue(2);
    assertThat(target.log).last().isEqualTo("Insert [4, Dan, null, 7]");
  }

  @Test
  void blamesTheTableWithoutItsColumn() {
    TransformingDestination dropping =
        TransformingDestination.around(target)
            .transform(NAME, TableTransform.dropColumns("ssn"))
            .build();

    EtlException failure = failure(() -> dropping.truncateTable(USERS));

    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(failure.tableOid()).hasValue(16385);
    assertThat(failure).hasMessageContaining("public.users").hasMessageContaining("ssn");
  }

  @Test
  void refusesTwoColumnsOfOneName() {
    TransformingDestination renaming =
        TransformingDestination.around(target)
            .transform(NAME, TableTransform.renameColumn("email", "name"))
            .build();

    EtlException failure = failure(() -> renaming.truncateTable(USERS));

    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(failure.tableOid()).hasValue(16385);
    assertThat(failure).hasMessageContaining("rename column email: it has a column name already");
  }

  @Test
  void keepsValuesOutOfTheMessageWhenAMaskThrows() {
    TransformingDestination masking =
        TransformingDestination.around(target)
            .transform(NAME, TableTransform.maskColumn("name", text -> "" + Integer.parseInt(text)))
            .build();

    EtlException failure =
        failure(() -> masking.writeEvents(List.of(insert(row(USERS, "1", "canary", "a@x")))));

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure.tableOid()).hasValue(16385);
    assertThat(failure).hasMessageContaining("NumberFormatException").hasNoCause();
    assertThat(failure.getMessage()).doesNotContain("canary");
    assertThat(target.log).isEmpty();
  }

  @Test
  void passesTheRestOn() {
    TransformingDestination around = TransformingDestination.around(target).build();

    around.startup();
    around.flush();
    around.close();

    assertThat(around.name()).isEqualTo("recording");
    assertThat(target.log).containsExactly("startup", "flush", "close");
  }

  private static EtlException failure(Runnable action) {
    EtlException failure = catchThrowableOfType(EtlException.class, action::run);
    assertThat(failure).isNotNull();
    return failure;
  }

  private static Event insert(TableRow row) {
    return new Event.Insert(TX, 1, row.table(), row);
  }

  private static Event delete(TableRow row) {
    return new Event.Delete(TX, 1, row.table(), new Event.OldRow(Event.OldRowKind.KEY, row));
  }

  private static List<String> names(TableSchema table) {
    return table.columns().stream().map(ColumnSchema::name).toList();
  }

  private static TableSchema table(long oid, TableName name, String... columns) {
    List<ColumnSchema> schemas = new ArrayList<>();
    for (String column : columns) {
      PgType type = column.equals("id") ? PgType.base(23, "int4") : PgType.base(1043, "varchar");
      schemas.add(
          ColumnSchema.builder(column, type).inReplicaIdentity(column.equals("id")).build());
    }
    return TableSchema.builder(new TableId(oid), name)
        .snapshotLsn(new Lsn(1))
        .columns(schemas)
        .build();
  }

  private static TableRow row(TableSchema table, @Nullable String... texts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int[] bounds = new int[2 * texts.length];
    for (int i = 0; i < texts.length; i++) {
      String text = texts[i];
      bounds[2 * i] = bytes.size();
      if (text == null || text.equals(ABSENT)) {
        bounds[2 * i + 1] = text == null ? WireRow.NULL : WireRow.ABSENT;
      } else {
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        bounds[2 * i + 1] = bytes.size() - bounds[2 * i];
      }
    }
    return WireRow.of(table, bytes.toByteArray(), bounds);
  }

  /** A transform as a user might write it. */
  private record NameInUpperCase(TableSchema table) implements RowTransform {
    @Override
    public TableRow apply(TableRow row) {
      return row(
          table, row.text(0), String.valueOf(row.text(1)).toUpperCase(Locale.ROOT), row.text(2));
    }
  }

  private static final class Recording implements Destination {
    private final List<String> log = new ArrayList<>();
    private final List<TableSchema> schemas = new ArrayList<>();

    @Override
    public String name() {
      return "recording";
    }

    @Override
    public void startup() {
      log.add("startup");
    }

    @Override
    public void tablesPublished(List<NamedTable> tables) {
      log.add("published " + tables.stream().map(table -> table.id().toString()).toList());
    }

    @Override
    public void truncateTable(TableSchema table) {
      schemas.add(table);
      log.add("truncate " + table.name());
    }

    @Override
    public void truncateTable(@Nullable TableSchema last, TableSchema next) {
      log.add("truncate " + (last == null ? last : names(last)) + " for " + names(next));
    }

    @Override
    public void tableCopied(TableSchema table) {
      log.add("copied " + names(table));
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      schemas.add(table);
      rows.forEach(row -> log.add("rows " + text(table, row)));
      return WriteResult.ACCEPTED;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      events.forEach(event -> log.add(text(event)));
      return WriteResult.ACCEPTED;
    }

    private String text(Event event) {
      String type = event.getClass().getSimpleName();
      if (event instanceof Event.OfTable about) {
        schemas.add(about.table());
      }
      if (event instanceof Event.Insert insert) {
        return type + " " + text(insert.table(), insert.row());
      } else if (event instanceof Event.Update update) {
        String old = update.oldRow() == null ? "" : text(update.table(), update.oldRow().row());
        return type + " " + text(update.table(), update.row()) + " was " + old;
      } else if (event instanceof Event.Delete delete) {
        return type + " " + text(delete.table(), delete.oldRow().row());
      } else if (event instanceof Event.Truncate truncate) {
        return type + " " + truncate.tables().get(0).name();
      }
      return type;
    }

    private static String text(TableSchema table, TableRow row) {
      assertThat(row.table()).isEqualTo(table);
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < table.columnCount(); i++) {
        texts.add(row.isPresent(i) ? String.valueOf(row.text(i)) : "absent");
      }
      return texts.toString();
    }

    @Override
    public void flush() {
      log.add("flush");
    }

    @Override
    public void close() {
      log.add("close");
    }
  }
}
