/** Health, meters and the endpoint {@code pgetl} of Spring Boot's Actuator. */
@NullMarked
package dev.pgetl.spring.actuate;

import org.jspecify.annotations.NullMarked;
