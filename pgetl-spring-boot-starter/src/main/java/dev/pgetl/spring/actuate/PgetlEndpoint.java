package dev.pgetl.spring.actuate;

import dev.pgetl.Pipeline;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableName;
import dev.pgetl.spring.PgetlPipelines;
import dev.pgetl.status.json.StatusDocument;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.lang.Contract;

/**
 * The status of all pipelines, and what an operator does with a pipeline or a table. Operations
 * need {@code management.endpoint.pgetl.access=unrestricted}.
 */
@Endpoint(id = "pgetl", defaultAccess = Access.READ_ONLY)
final class PgetlEndpoint {
  private static final int OK = 200;

  private final PgetlPipelines pipelines;
  private final Duration stallLimit;

  PgetlEndpoint(PgetlPipelines pipelines, Duration stallLimit) {
    this.pipelines = pipelines;
    this.stallLimit = stallLimit;
  }

  /** {@return the status of all pipelines, in the format of {@link StatusDocument}} */
  @ReadOperation
  Map<String, @Nullable Object> status() {
    StatusDocument.Builder document = StatusDocument.builder(Instant.now());
    pipelines.runner().status().forEach((id, run) -> document.pipeline(id, run, stallLimit));
    return document.build().toMap();
  }

  /**
   * Does something with a pipeline or a table.
   *
   * @param operation {@code resync}, {@code retry}: of a table; {@code pause}, {@code resume}: of a
   *     table or the pipeline; {@code restart}: of the pipeline, if it has failed
   * @param table {@code schema.name}; without a dot, of schema {@code public}
   * @param schema the schema, for names that have dots
   * @param pipeline the pipeline's id; may be omitted if there is one. Each may be empty instead of
   *     omitted: Spring Boot 3.5 demands all
   */
  @WriteOperation
  WebEndpointResponse<Map<String, Object>> operate(
      @Selector String operation,
      @Nullable String table,
      @Nullable String schema,
      @Nullable String pipeline) {
    try {
      String id = id(pipeline);
      TableName name = isOmitted(table) ? null : tableName(schema, table);
      run(operation, id, name);
      Map<String, Object> done = new LinkedHashMap<>();
      done.put("pipeline", id);
      done.put("operation", operation);
      if (name != null) {
        done.put("table", name.toString());
      }
      return new WebEndpointResponse<>(done, OK);
    } catch (IllegalArgumentException e) {
      return failed(e, WebEndpointResponse.STATUS_BAD_REQUEST);
    } catch (IllegalStateException e) {
      return failed(e, 409);
    } catch (EtlException e) {
      return failed(e, WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed(e, WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
    }
  }

  private static WebEndpointResponse<Map<String, Object>> failed(Exception e, int status) {
    return new WebEndpointResponse<>(Map.of("error", String.valueOf(e.getMessage())), status);
  }

  @Contract("null -> true")
  private static boolean isOmitted(@Nullable String value) {
    return value == null || value.isEmpty();
  }

  private String id(@Nullable String pipeline) {
    List<String> ids = pipelines.ids();
    if (isOmitted(pipeline) && ids.size() == 1) {
      return ids.get(0);
    }
    if (pipeline == null || !ids.contains(pipeline)) {
      throw new IllegalArgumentException("pipeline must be one of " + ids + ", is " + pipeline);
    }
    return pipeline;
  }

  private static TableName tableName(@Nullable String schema, String table) {
    int dot = table.indexOf('.');
    if (!isOmitted(schema)) {
      return new TableName(schema, table);
    }
    if (dot < 0) {
      return new TableName("public", table);
    }
    return new TableName(table.substring(0, dot), table.substring(dot + 1));
  }

  private void run(String operation, String id, @Nullable TableName table)
      throws InterruptedException {
    switch (operation) {
      case "resync" -> pipeline(id).resync(required(table));
      case "retry" -> pipeline(id).retry(required(table));
      case "restart" -> pipelines.runner().restart(id);
      case "pause" -> {
        if (table == null) {
          pipeline(id).pause();
        } else {
          pipeline(id).pause(table);
        }
      }
      case "resume" -> {
        if (table == null) {
          pipeline(id).resume();
        } else {
          pipeline(id).resume(table);
        }
      }
      default ->
          throw new IllegalArgumentException(
              "no operation " + operation + "; there are resync, retry, pause, resume and restart");
    }
  }

  private static TableName required(@Nullable TableName table) {
    if (table == null) {
      throw new IllegalArgumentException("table is missing: {\"table\": \"schema.name\"}");
    }
    return table;
  }

  private Pipeline pipeline(String id) {
    return pipelines
        .runner()
        .pipeline(id)
        .orElseThrow(() -> new IllegalStateException("pipeline " + id + " has not started yet"));
  }
}
