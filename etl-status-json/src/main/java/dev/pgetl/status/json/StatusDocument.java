package dev.pgetl.status.json;

import dev.pgetl.RunStatus;
import dev.pgetl.observe.Health;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.TableStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The status of one or several pipelines at one moment, as JSON.
 *
 * <pre>{@code
 * String json = StatusDocument.builder(Instant.now())
 *     .pipeline("orders", pipeline.status())
 *     .build()
 *     .toString();
 * }</pre>
 *
 * <p>The format is described in {@code docs/status-json.md}, and by a JSON Schema beside it. It has
 * everything that the status classes of the core have, so neither a secret nor a cell value.
 *
 * <p><b>Threads.</b> Immutable.
 */
public final class StatusDocument {
  /** The version of the format; a change that a reader could stumble over raises it. */
  public static final int FORMAT = 1;

  private final Map<String, @Nullable Object> members;

  private StatusDocument(Builder from) {
    members =
        new Members()
            .add("format", FORMAT)
            .add("at", from.at)
            .add("pipelines", List.copyOf(from.pipelines.values()))
            .toMap();
  }

  /**
   * {@return a builder of a document without pipelines}
   *
   * @param at when the status was taken
   */
  public static Builder builder(Instant at) {
    return new Builder(at);
  }

  /**
   * {@return a table as it is in a document}
   *
   * @param table its status
   */
  public static Map<String, @Nullable Object> table(TableStatus table) {
    return TableMembers.of(table);
  }

  /**
   * {@return the document as data that any JSON library writes} Objects are maps with their members
   * in order, arrays are lists; what is in them is text, numbers, truth values and null. All of it
   * is unmodifiable.
   */
  public Map<String, @Nullable Object> toMap() {
    return members;
  }

  /** {@return the JSON text, in UTF-8} */
  public byte[] toJson() {
    return JsonText.of(members);
  }

  /** {@return the JSON text} */
  @Override
  public String toString() {
    return new String(toJson(), StandardCharsets.UTF_8);
  }

  /** Builds a {@link StatusDocument}. Not thread-safe. */
  public static final class Builder {
    private final Instant at;
    private final Map<String, Map<String, @Nullable Object>> pipelines = new LinkedHashMap<>();

    private Builder(Instant at) {
      this.at = Objects.requireNonNull(at, "at");
    }

    /**
     * Adds a pipeline that the application starts.
     *
     * @param id the pipeline's id
     * @param status its status
     * @return this builder
     * @throws IllegalArgumentException if there is one with this id already
     */
    public Builder pipeline(String id, PipelineStatus status) {
      return add(id, PipelineMembers.of(id, status));
    }

    /**
     * Adds a pipeline of a {@link dev.pgetl.PipelineRunner}.
     *
     * @param id the pipeline's id
     * @param status its status
     * @return this builder
     * @throws IllegalArgumentException if there is one with this id already
     */
    public Builder pipeline(String id, RunStatus status) {
      return pipeline(id, status, Health.STALL_LIMIT);
    }

    /**
     * Adds a pipeline of a {@link dev.pgetl.PipelineRunner}.
     *
     * @param id the pipeline's id
     * @param status its status
     * @param stallLimit how long it may wait for something until its health reports that
     * @return this builder
     * @throws IllegalArgumentException if there is one with this id already
     */
    public Builder pipeline(String id, RunStatus status, Duration stallLimit) {
      return add(id, PipelineMembers.of(id, status, stallLimit));
    }

    private Builder add(String id, Map<String, @Nullable Object> members) {
      if (pipelines.putIfAbsent(id, members) != null) {
        throw new IllegalArgumentException("two pipelines have the id " + id);
      }
      return this;
    }

    /** {@return the document} */
    public StatusDocument build() {
      return new StatusDocument(this);
    }
  }
}
