/**
 * The status of pipelines as JSON: {@link dev.pgetl.status.json.StatusDocument}. The format is
 * documented in {@code docs/status-json.md}.
 */
@NullMarked
package dev.pgetl.status.json;

import org.jspecify.annotations.NullMarked;
