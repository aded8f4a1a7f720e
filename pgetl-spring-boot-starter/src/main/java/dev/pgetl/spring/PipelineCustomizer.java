package dev.pgetl.spring;

import dev.pgetl.config.PipelineConfig;

/**
 * Changes settings of pipelines for which there is no property. A bean of this type is called with
 * each builder that {@link PipelineDefaults#config} makes, behind all properties.
 */
@FunctionalInterface
public interface PipelineCustomizer {
  /**
   * Changes settings.
   *
   * @param id the pipeline's id
   * @param config its settings as the properties say
   */
  void customize(String id, PipelineConfig.Builder config);
}
