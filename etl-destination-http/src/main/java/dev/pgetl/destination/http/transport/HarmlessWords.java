package dev.pgetl.destination.http.transport;

import java.util.List;
import java.util.Set;

/** English words of error messages, which say nothing about a value. */
final class HarmlessWords {
  private static final String TEXT =
      """
      a about above accept acceptable accepted access account across after again all
      allowed already also an and another any api app application are argument array as
      at attempt authentication authorization authorized available bad base64 batch be
      bearer because been before begin below between body boolean both broken bucket
      bulk busy but by bytes cannot cause caused certificate char character characters
      charset check client closed code collection column columns conflict connect
      connection constraint contact contain contains content conversion convert copy
      correct corrupt could count create created credentials cycle data database date
      datetime deadlock decimal decode decoded default delete deleted denied depth
      description detail details did digits disabled disk do document does done down
      duplicate duplicated duplicates during each either element email empty enabled
      encoding end endpoint entity entry enum error errors event events exceed exceeded
      exceeds exception execute exist existing exists expected expired fail failed
      failure fails false field fields file for forbidden foreign format found from full
      gateway generated get gone got greater gzip had has have header headers host html
      http https id idempotency identifier if ignored in incompatible incorrect index
      input insert insufficient integer integrity internal into invalid is it item items
      json key keys known large larger later least length less like limit limited line
      list load location locked long longer lower malformed many match matches matching
      max maximum may media member message method min minimum mismatch missing more most
      moved multiple must name names negative new no non none not null number numeric
      object of on one only open operation or order other out over overflow overload
      overloaded page parameter parse parsed parsing partial password path pattern
      payload pending permanent permission permissions permitted please point policy
      position positive post precision present previous primary problem process
      processed processing property provided proxy put query queue quota range rate read
      reading reason received record records redirect reference referenced references
      refused reject rejected rejects relation replay request requests require required
      requires resource response result retry role root row rows rule same scale schema
      scope scopes second seconds seen sent sequence server service session set should
      signature since size small smaller some source space stale start state status
      storage store stored stream string strings support supported syntax table tables
      temporarily temporary text than that the their them then there these this
      throttled time timed timeout timestamp timezone title to token too trace
      transaction transport true truncate try two type types unable unauthorized
      unavailable unexpected unique unknown unprocessable unreachable unrecognized
      unsupported until update updated upper url use used user uuid valid validate
      validation value values version violate violated violates violation wanted was we
      were what when where which while will with within without would write written
      wrong xml you your zero
      """;

  private static final Set<String> WORDS = Set.copyOf(List.of(TEXT.split("\\s")));

  private HarmlessWords() {}

  static boolean contains(String lowerCaseWord) {
    return WORDS.contains(lowerCaseWord);
  }
}
