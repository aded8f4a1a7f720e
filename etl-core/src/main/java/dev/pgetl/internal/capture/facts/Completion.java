package dev.pgetl.internal.capture.facts;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Completes descriptions of one transaction. A part of the catalogue that a later transaction wrote
 * counts only where the version before says the same: a hint of another time is worse than none.
 * Owned by one thread.
 */
final class Completion {
  private final TableFacts facts;
  private final @Nullable TableSchema before;
  private final long xid;

  Completion(TableFacts facts, @Nullable TableSchema before, long xid) {
    this.facts = facts;
    this.before = before;
    this.xid = xid;
  }

  TableSchema of(TableSchema wire) {
    TableSchema identified = identified(wire);
    List<ColumnSchema> columns = new ArrayList<>();
    identified.columns().forEach(column -> columns.add(completed(column)));
    if (!inOrder(columns)) {
      columns.replaceAll(Completion::withoutNumber);
    }
    List<Integer> key = key(identified.replicaIdentity(), columns);
    columns.replaceAll(
        column ->
            column.toBuilder()
                .primaryKeyOrdinal(key.indexOf(column.attributeNumber()) + 1)
                .build());
    return identified.toBuilder().columns(columns).build();
  }

  /** Of a partitioned table, the stream says the identity of the table and sends that of leaves. */
  private TableSchema identified(TableSchema wire) {
    Dated<LeafIdentity> leaves = facts.leaves();
    if (leaves == null || identifiesItself(wire)) {
      return wire;
    }
    LeafIdentity known =
        isLater(leaves.writtenBy()) ? leaves.value().asOf(wire, before) : leaves.value();
    List<ColumnSchema> columns = new ArrayList<>();
    for (ColumnSchema column : wire.columns()) {
      columns.add(column.toBuilder().inReplicaIdentity(known.sends(column.name())).build());
    }
    return wire.toBuilder().replicaIdentity(known.identity()).columns(columns).build();
  }

  /** Leaves have the keys of their table. */
  private static boolean identifiesItself(TableSchema wire) {
    return wire.replicaIdentity() != ReplicaIdentity.FULL && !wire.identityColumns().isEmpty();
  }

  private ColumnSchema completed(ColumnSchema wire) {
    ColumnFacts now =
        facts.columns().stream().filter(each -> each.describes(wire)).findFirst().orElse(null);
    ColumnSchema.Builder column = wire.toBuilder().type(type(wire.type()));
    ColumnSchema old = sameIn(before, wire);
    if (now != null && (old == null || !isLater(now.writtenBy()))) {
      return column
          .attributeNumber(now.number())
          .nullable(!now.notNull() || isLater(now.writtenBy()))
          .defaultExpression(now.values().expression())
          .build();
    }
    return old == null
        ? column.build()
        : column
            .attributeNumber(old.attributeNumber())
            .nullable(old.nullable() || mayBeNull(old.attributeNumber()))
            .defaultExpression(old.defaultExpression())
            .build();
  }

  /** {@return the column of the same name and type in an earlier version; null if it has none} */
  static @Nullable ColumnSchema sameIn(@Nullable TableSchema before, ColumnSchema wire) {
    int place = before == null ? -1 : before.indexOf(wire.name());
    if (before == null || place < 0) {
      return null;
    }
    ColumnSchema old = before.column(place);
    boolean same = old.type().oid() == wire.type().oid() && old.modifier() == wire.modifier();
    return same ? old : null;
  }

  /** {@return whether a column that has another name or type by now may be null} */
  private boolean mayBeNull(int number) {
    return facts.columns().stream().anyMatch(each -> each.number() == number && !each.notNull());
  }

  private PgType type(PgType wire) {
    if (wire.kind() != PgType.Kind.UNKNOWN) {
      return wire;
    }
    Dated<PgType> now = facts.types().get(wire.oid());
    if (now != null && !isLater(now.writtenBy())) {
      return now.value();
    }
    return before == null
        ? wire
        : before.columns().stream()
            .map(ColumnSchema::type)
            .filter(type -> type.oid() == wire.oid())
            .findFirst()
            .orElse(wire);
  }

  /** {@return the numbers of the key's columns; none if it is not known} */
  private List<Integer> key(ReplicaIdentity identity, List<ColumnSchema> columns) {
    List<Integer> now = facts.key().value();
    if (!facts.columns().isEmpty() && !isLater(facts.key().writtenBy())) {
      return fits(now, identity, columns) ? now : List.of();
    }
    List<Integer> old =
        before == null
            ? List.of()
            : before.primaryKey().stream().map(ColumnSchema::attributeNumber).toList();
    boolean known =
        identity == ReplicaIdentity.DEFAULT || facts.columns().isEmpty() || now.equals(old);
    return Stream.of(old, now)
        .filter(key -> known && fits(key, identity, columns))
        .findFirst()
        .orElse(List.of());
  }

  /**
   * {@return whether all columns of a key are there, and the stream agrees} Under the default
   * identity the stream marks its columns. A part of a key does not distinguish rows.
   */
  private static boolean fits(
      List<Integer> key, ReplicaIdentity identity, List<ColumnSchema> columns) {
    Set<Integer> numbers = new HashSet<>();
    for (ColumnSchema column : columns) {
      if (identity != ReplicaIdentity.DEFAULT || column.inReplicaIdentity()) {
        numbers.add(column.attributeNumber());
      }
    }
    return numbers.containsAll(key)
        && (identity != ReplicaIdentity.DEFAULT || numbers.size() == key.size());
  }

  private boolean isLater(long writtenBy) {
    return facts.read().isAfter(writtenBy, xid);
  }

  /** The stream sends columns by their numbers: in another order, names have been traded since. */
  private static boolean inOrder(List<ColumnSchema> columns) {
    int last = 0;
    for (ColumnSchema column : columns) {
      int number = column.attributeNumber();
      if (number > 0 && number <= last) {
        return false;
      }
      last = Math.max(last, number);
    }
    return true;
  }

  private static ColumnSchema withoutNumber(ColumnSchema column) {
    return column.toBuilder().attributeNumber(0).nullable(true).defaultExpression(null).build();
  }
}
