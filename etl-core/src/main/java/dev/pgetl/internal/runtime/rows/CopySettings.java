package dev.pgetl.internal.runtime.rows;

import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableName;
import org.jspecify.annotations.Nullable;

/**
 * How one table is copied, by the configuration. Immutable.
 *
 * @param context the pipeline
 * @param table the name by which the configuration knows the table
 */
public record CopySettings(PipelineContext context, TableName table) {
  private TableCopyConfig config() {
    return context.config().tableCopy();
  }

  /** {@return how many connections read rows} A range that is copied again is copied. */
  public int connections(@Nullable CopyRanges left) {
    boolean again = left != null && left.origin().isOfRangeAgain();
    return again || config().copies(table) ? context.config().maxCopyConnectionsPerTable() : 0;
  }

  /** {@return in which order rows are read} What is never resumed needs no order. */
  public ReadBy readBy() {
    ReadBy chosen = config().readBy(table);
    return context.copyOnly() && chosen == ReadBy.AUTO ? ReadBy.BLOCK : chosen;
  }

  /** {@return the configuration's condition on rows; empty if there is none} */
  private String condition() {
    return config().rows(table).orElse("");
  }

  /** {@return whether every row of the table is copied, so that their number is known} */
  public boolean everyRow(PublishedTable published) {
    return published.scope().rowFilter().isEmpty() && condition().isEmpty();
  }

  /**
   * {@return what is to be copied} A copy that is continued, or leaves nothing behind, has a slot
   * that ends with its connection.
   *
   * @param slot that of the table, which does not exist
   * @param left the ranges of a copy that is to be continued; null for a copy from the beginning
   */
  public TableCopier.Request request(
      PublishedTable published, String slot, @Nullable CopyRanges left) {
    boolean temporary = context.copyOnly() || left != null;
    return new TableCopier.Request(
        published,
        temporary ? context.temporarySlot("r") : slot,
        connections(left),
        ValueFormat.of(context.config().binary()),
        readBy(),
        condition(),
        temporary,
        left);
  }
}
