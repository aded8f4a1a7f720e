package dev.pgetl.it.takeover;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A destination that writes down when each call begins, in which epoch, and with which rows. All
 * replicas append to one file, so its lines are in the order in which calls began. It compares no
 * epochs: it shows what reaches a receiver that does not.
 */
final class EpochJournal implements Destination {
  private final String replica;
  private final FileChannel file;
  private volatile long epoch;
  private volatile Runnable beforeCalls = () -> {};

  /**
   * Opens the file of all replicas.
   *
   * @param replica this one's name
   */
  EpochJournal(Path path, String replica) {
    this.replica = replica;
    try {
      file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has something done behind the beginning of each call. */
  void duringCalls(Runnable action) {
    beforeCalls = action;
  }

  private void began(String stream, List<Long> ids) {
    StringBuilder line = new StringBuilder();
    line.append(System.nanoTime()).append(' ').append(replica).append(' ').append(epoch);
    line.append(' ').append(stream);
    ids.forEach(id -> line.append(' ').append(id));
    try {
      int unused =
          file.write(
              ByteBuffer.wrap(line.append('\n').toString().getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    beforeCalls.run();
  }

  @Override
  public void beginEpoch(Epoch begun) {
    epoch = begun.number();
    began("epoch", List.of());
  }

  @Override
  public void truncateTable(TableSchema table) {
    began("truncate", List.of());
  }

  /** Begun ranges come again: what the journal has of them is of no interest. */
  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    began("remove", List.of());
    return true;
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    began("rows", rows.stream().map(EpochJournal::id).toList());
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    List<Long> ids = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Event.Insert insert) {
        ids.add(id(insert.row()));
      }
    }
    began("events", ids);
    return WriteResult.DURABLE;
  }

  private static long id(TableRow row) {
    return row.getLong(0);
  }

  @Override
  public void close() {
    began("close", List.of());
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
