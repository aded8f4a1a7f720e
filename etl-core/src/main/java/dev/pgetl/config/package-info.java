/**
 * Settings of a pipeline: immutable, made by builders that name every mistake at once and correct
 * none silently.
 *
 * <p>Begin at {@link dev.pgetl.config.PipelineConfig#builder}. It needs a {@link
 * dev.pgetl.config.PgConnectionConfig}: one {@link dev.pgetl.config.PgHost} or several, {@link
 * dev.pgetl.config.Credentials} that may change, and {@link dev.pgetl.config.TlsConfig}. Passwords
 * and keys are kept as a {@link dev.pgetl.config.Secret}. The rest has defaults: {@link
 * dev.pgetl.config.BatchConfig} limits the size of a delivery, {@link
 * dev.pgetl.config.TableCopyConfig} which tables are copied before they are streamed, {@link
 * dev.pgetl.config.InvalidatedSlotBehavior} what happens when the server has thrown changes away.
 */
@NullMarked
package dev.pgetl.config;

import org.jspecify.annotations.NullMarked;
