package dev.pgetl.spring;

import dev.pgetl.destination.Destination;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** Finds the application's destination, and makes one for each start of the pipeline from it. */
final class DestinationBean {
  private static final String OF_THE_LIBRARY = "dev.pgetl.destination.";

  private DestinationBean() {}

  /**
   * {@return a destination for each start: a new bean if its scope is prototype, otherwise always
   * the same one}
   *
   * @param beans the application's
   */
  static Supplier<Destination> of(ConfigurableListableBeanFactory beans) {
    String name = name(beans);
    if (beans.isPrototype(name)) {
      return () -> beans.getBean(name, Destination.class);
    }
    Destination destination = beans.getBean(name, Destination.class);
    if (destination.getClass().getName().startsWith(OF_THE_LIBRARY)) {
      throw new PgetlSettingsException(
          "The bean "
              + name
              + " is a singleton, and a "
              + destination.getClass().getSimpleName()
              + " serves one start of a pipeline.",
          "Add @Scope(\"prototype\") to the bean: each start gets a destination of its own then.");
    }
    return new SharedDestination(destination)::forOneStart;
  }

  private static String name(ConfigurableListableBeanFactory beans) {
    List<String> names = List.of(beans.getBeanNamesForType(Destination.class, true, false));
    if (names.isEmpty()) {
      throw new PgetlSettingsException(
          "pgetl needs a bean of type "
              + Destination.class.getName()
              + ": where rows and events"
              + " go.",
          "Define one. To run without pipelines, set pgetl.enabled=false.");
    }
    List<String> chosen = names.size() == 1 ? names : primary(beans, names);
    if (chosen.size() != 1) {
      throw new PgetlSettingsException(
          "There are several beans of type Destination: " + names + ".",
          "Mark one as @Primary. For several pipelines, define a bean of type PipelineDefinition for"
              + " each.");
    }
    return chosen.get(0);
  }

  private static List<String> primary(ConfigurableListableBeanFactory beans, List<String> names) {
    return names.stream()
        .filter(name -> Arrays.asList(beans.getBeanDefinitionNames()).contains(name))
        .filter(name -> beans.getMergedBeanDefinition(name).isPrimary())
        .toList();
  }
}
