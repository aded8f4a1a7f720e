package dev.pgetl.internal.capture.facts;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What {@code ALTER TABLE} did to rows that were there, of which Postgres sends no event. */
final class RewrittenRows {
  private static final int VARCHAR = 1043;
  private static final int TEXT = 25;
  private static final int NUMERIC = 1700;

  /** Types of which a larger modifier changes no value; without any there is no limit. */
  private static final Set<Integer> LIMITED = Set.of(VARCHAR, 1562, 1083, 1114, 1184, 1266);

  private final Map<Integer, ColumnFacts> facts;
  private final boolean there;
  private final boolean shown;
  private final TableSchema before;

  RewrittenRows(TableFacts facts, TableSchema before, long xid) {
    this.facts =
        facts.columns().stream().collect(Collectors.toMap(ColumnFacts::number, each -> each));
    this.there = facts.isThere();
    this.shown = facts.read().shows(xid);
    this.before = before;
  }

  /** {@return the version, with what is known of rows from before} */
  TableSchema notedIn(TableSchema version) {
    return version.toBuilder()
        .scope(before.scope().orElse(null))
        .difference(reason(version).or(before::difference).orElse(null))
        .build();
  }

  private Optional<String> reason(TableSchema version) {
    return known(version).or(() -> there ? unseen(version) : Optional.empty());
  }

  /** The catalogue did not show in time what was done to the table, or shows what came after. */
  private Optional<String> unseen(TableSchema version) {
    return version.columns().stream()
        .filter(column -> column.attributeNumber() == 0)
        .filter(column -> Completion.sameIn(before, column) == null)
        .findFirst()
        .map(
            column ->
                "its column "
                    + column.name()
                    + " was added or changed"
                    + (shown
                        ? ", and changed again before the pipeline saw it"
                        : " by a transaction that waits for a standby"));
  }

  private Optional<String> known(TableSchema version) {
    Map<Integer, ColumnSchema> numbered =
        before.columns().stream()
            .filter(column -> column.attributeNumber() > 0)
            .collect(Collectors.toMap(ColumnSchema::attributeNumber, Function.identity()));
    return version.columns().stream()
        .filter(column -> column.attributeNumber() > 0)
        .map(column -> reason(column, Optional.ofNullable(numbered.get(column.attributeNumber()))))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private Optional<String> reason(ColumnSchema column, Optional<ColumnSchema> same) {
    if (same.isPresent()) {
      return keepsValues(same.get(), column)
          ? Optional.empty()
          : Optional.of("the type of its column " + column.name() + " was changed");
    }
    int namesake = before.indexOf(column.name());
    if (namesake >= 0) {
      return before.column(namesake).attributeNumber() == 0
          ? Optional.empty()
          : Optional.of("its column " + column.name() + " was dropped and added again");
    }
    ColumnFacts added = facts.get(column.attributeNumber());
    return added != null && added.values().filled()
        ? Optional.of("its column " + column.name() + " was added with values for the rows there")
        : Optional.empty();
  }

  /** {@return whether an {@code ALTER TYPE} without {@code USING} leaves all values as they are} */
  private static boolean keepsValues(ColumnSchema old, ColumnSchema column) {
    long type = column.type().oid();
    boolean sameType = old.type().oid() == type;
    if (!sameType) {
      return old.type().oid() == VARCHAR && type == TEXT;
    }
    return old.modifier() == column.modifier()
        || (LIMITED.contains((int) type) && grows(old.modifier(), column.modifier()))
        || (type == NUMERIC && isWiderNumeric(old.modifier(), column.modifier()));
  }

  private static boolean grows(int old, int now) {
    return now < 0 || (old >= 0 && now > old);
  }

  /** The scale stands in the lower half of the modifier. */
  private static boolean isWiderNumeric(int old, int now) {
    return now < 0 || (old >= 0 && now > old && (now - 4 & 0xFFFF) == (old - 4 & 0xFFFF));
  }
}
