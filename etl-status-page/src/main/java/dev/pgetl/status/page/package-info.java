/**
 * A web page that shows the status of pipelines: {@link dev.pgetl.status.page.StatusPage}. It is
 * described in {@code docs/status-page.md}.
 *
 * <p>A request goes {@code HttpServer -> RequestThreads -> PageHandler -> PageContent}; what is
 * wrong with it, the handler answers.
 */
@NullMarked
package dev.pgetl.status.page;

import org.jspecify.annotations.NullMarked;
