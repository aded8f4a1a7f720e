package dev.pgetl.internal.capture.catalog;

import dev.pgetl.internal.capture.facts.TableFacts;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A catalogue that must not be asked; a test overrides what it may be asked. */
public class UnusedCatalog implements Catalog {
  @Override
  public Map<TableId, TableFacts> facts(TableSchema wire, Collection<TableId> others) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<String> difference(PublishedTable table, TableSchema before) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void checkTypes() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long typeChanges() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Map<TableId, Map<TableId, TableName>> partitions(Collection<TableId> roots) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean hadRows(TableId root, Set<TableId> attached) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean streamsFollowPartitions() {
    throw new UnsupportedOperationException();
  }
}
