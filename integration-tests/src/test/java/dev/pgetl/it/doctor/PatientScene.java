package dev.pgetl.it.doctor;

import dev.pgetl.testkit.postgres.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/** One patient for all tests of a class, healthy before each. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PatientScene {
  Patient patient;
  TestDatabase database;

  @BeforeAll
  void start() {
    patient = new Patient();
    database = patient.database();
  }

  @AfterAll
  void stop() {
    patient.close();
  }

  @BeforeEach
  void heal() {
    Patient.heal(database);
  }
}
