package dev.pgetl.spring;

import static dev.pgetl.spring.Connections.set;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/** Decides where pipelines keep their state: the application's bean, a folder, or a database. */
final class Stores {
  private static final String POSTGRES_LAYER = "dev.pgetl.store.postgres.PostgresLayer";

  private final PgetlProperties.Store settings;
  private final Connections connections;
  private final ConfigurableListableBeanFactory beans;

  Stores(
      PgetlProperties.Store settings,
      Connections connections,
      ConfigurableListableBeanFactory beans) {
    this.settings = settings;
    this.connections = connections;
    this.beans = beans;
  }

  Supplier<PipelineStore> of(String id) {
    List<String> names = List.of(beans.getBeanNamesForType(PipelineStore.class, true, false));
    if (!names.isEmpty()) {
      return ofBean(names);
    }
    Path folder = settings.folder();
    if (folder != null) {
      return () -> new MemoryStore(FileLayer.open(folder.resolve(id)));
    }
    if (!ClassUtils.isPresent(POSTGRES_LAYER, beans.getBeanClassLoader())) {
      throw new PgetlSettingsException(
          "pgetl does not know where to keep the state of pipeline " + id + ".",
          "Set pgetl.store.folder, or add etl-store-postgres to the dependencies, or define a bean"
              + " of type PipelineStore.");
    }
    return Postgres.of(settings, connections.store(), id);
  }

  /** Each start needs a store of its own. */
  private Supplier<PipelineStore> ofBean(List<String> names) {
    String name = names.get(0);
    if (names.size() > 1) {
      throw new PgetlSettingsException(
          "There are several beans of type PipelineStore: " + names + ".",
          "Define one, or give each PipelineDefinition its store.");
    }
    if (!beans.isPrototype(name)) {
      throw new PgetlSettingsException(
          "The bean "
              + name
              + " of type PipelineStore is a singleton: it would be closed when the"
              + " pipeline ends, and used again by the next start.",
          "Add @Scope(\"prototype\") to the bean.");
    }
    return () -> beans.getBean(name, PipelineStore.class);
  }

  /** Loaded only if the class is there. */
  private static final class Postgres {
    static Supplier<PipelineStore> of(
        PgetlProperties.Store settings, PgConnectionConfig connection, String id) {
      return () -> {
        PostgresLayer.Builder builder = PostgresLayer.builder(connection, id);
        set(builder::schema, settings.schema());
        set(builder::migrate, settings.migrate());
        return new MemoryStore(builder.build());
      };
    }
  }
}
