/** What a server has to offer, and what is said if it lacks something. */
@NullMarked
package dev.pgetl.internal.capture.advice;

import org.jspecify.annotations.NullMarked;
