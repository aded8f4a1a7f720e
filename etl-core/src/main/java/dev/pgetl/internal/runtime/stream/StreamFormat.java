package dev.pgetl.internal.runtime.stream;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.row.TextOnlyColumns;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableSchema;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * In what format streams ask for values: binary if that is wanted, until one of them meets a value
 * that is not read in it, because a stream has one format for all tables. From then on text, for
 * the life of the pipeline. Thread-safe.
 */
public final class StreamFormat {
  private static final Logger LOG = LoggerFactory.getLogger(StreamFormat.class);

  private final AtomicReference<ValueFormat> current;

  public StreamFormat(ValueFormat wanted) {
    this.current = new AtomicReference<>(wanted);
  }

  /** {@return in what format a stream that opens now asks for values} */
  public ValueFormat current() {
    return Objects.requireNonNull(current.get());
  }

  /**
   * A stream delivers a table that is not read in binary format.
   *
   * @return the failure that ends its session
   */
  EtlException notRead(TableSchema table) {
    EtlException failure =
        new EtlException(
                ErrorKind.SOURCE_DATA,
                "reading table "
                    + table.name()
                    + " in binary format failed: not read in it are "
                    + TextOnlyColumns.of(table))
            .withTable(table.id().oid());
    refused(failure);
    return failure;
  }

  /** A session cannot continue in binary format. */
  void refused(EtlException failure) {
    if (current.compareAndSet(ValueFormat.BINARY, ValueFormat.TEXT)) {
      LOG.warn(
          "streams continue in text format until the pipeline is restarted; nothing is lost: {}",
          failure.getMessage());
    }
  }
}
