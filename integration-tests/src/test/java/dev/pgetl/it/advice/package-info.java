/** Advice is code: what messages and pages tell people to do is carried out, beside neighbours. */
@NullMarked
package dev.pgetl.it.advice;

import org.jspecify.annotations.NullMarked;
