/**
 * Pipelines in a Spring Boot application: from {@code pgetl.*} in {@code application.yaml} and one
 * bean of type {@link dev.pgetl.destination.Destination} to a running pipeline.
 *
 * <p>{@link dev.pgetl.spring.PgetlPipelines} has what runs. Several pipelines are beans of type
 * {@link dev.pgetl.spring.PipelineDefinition}, made with {@link dev.pgetl.spring.PipelineDefaults}.
 * See {@code docs/spring-boot.md}.
 */
@NullMarked
package dev.pgetl.spring;

import org.jspecify.annotations.NullMarked;
