package dev.pgetl.schema;

import dev.pgetl.schema.PgType.Kind;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The types every Postgres server has under the same OID: scalars, ranges, multiranges and the
 * arrays of each, so that no catalogue needs to be asked for them. Immutable.
 *
 * <p>Taken from {@code pg_type} and {@code pg_range} of Postgres 15; an integration test compares
 * it with every supported version. {@code int2vector} and {@code oidvector} are scalars here,
 * because their text is not that of an array.
 */
public final class BuiltinTypes {
  /** Name, OID, OID of the array type (0 if there is none). */
  private static final String SCALARS =
      """
      bool 16 1000
      bytea 17 1001
      char 18 1002
      name 19 1003
      int8 20 1016
      int2 21 1005
      int2vector 22 1006
      int4 23 1007
      regproc 24 1008
      text 25 1009
      oid 26 1028
      tid 27 1010
      xid 28 1011
      cid 29 1012
      oidvector 30 1013
      json 114 199
      xml 142 143
      pg_node_tree 194 0
      point 600 1017
      lseg 601 1018
      path 602 1019
      box 603 1020
      polygon 604 1027
      line 628 629
      cidr 650 651
      float4 700 1021
      float8 701 1022
      circle 718 719
      macaddr8 774 775
      money 790 791
      macaddr 829 1040
      inet 869 1041
      aclitem 1033 1034
      bpchar 1042 1014
      varchar 1043 1015
      date 1082 1182
      time 1083 1183
      timestamp 1114 1115
      timestamptz 1184 1185
      interval 1186 1187
      timetz 1266 1270
      bit 1560 1561
      varbit 1562 1563
      numeric 1700 1231
      refcursor 1790 2201
      regprocedure 2202 2207
      regoper 2203 2208
      regoperator 2204 2209
      regclass 2205 2210
      regtype 2206 2211
      uuid 2950 2951
      txid_snapshot 2970 2949
      pg_lsn 3220 3221
      pg_ndistinct 3361 0
      pg_dependencies 3402 0
      tsvector 3614 3643
      tsquery 3615 3645
      gtsvector 3642 3644
      regconfig 3734 3735
      regdictionary 3769 3770
      jsonb 3802 3807
      jsonpath 4072 4073
      regnamespace 4089 4090
      regrole 4096 4097
      regcollation 4191 4192
      pg_brin_bloom_summary 4600 0
      pg_brin_minmax_multi_summary 4601 0
      pg_mcv_list 5017 0
      pg_snapshot 5038 5039
      xid8 5069 271
      """;

  /** Name, OID, OID of the array type, OID of the subtype. */
  private static final String RANGES =
      """
      int4range 3904 3905 23
      numrange 3906 3907 1700
      tsrange 3908 3909 1114
      tstzrange 3910 3911 1184
      daterange 3912 3913 1082
      int8range 3926 3927 20
      """;

  /** Name, OID, OID of the array type, OID of the range. */
  private static final String MULTIRANGES =
      """
      int4multirange 4451 6150 3904
      nummultirange 4532 6151 3906
      tsmultirange 4533 6152 3908
      tstzmultirange 4534 6153 3910
      datemultirange 4535 6155 3912
      int8multirange 4536 6157 3926
      """;

  private static final Map<Long, PgType> BY_OID = new LinkedHashMap<>();

  static {
    SCALARS.lines().forEach(line -> add(Kind.BASE, line.split(" ")));
    RANGES.lines().forEach(line -> add(Kind.RANGE, line.split(" ")));
    MULTIRANGES.lines().forEach(line -> add(Kind.MULTIRANGE, line.split(" ")));
  }

  private BuiltinTypes() {}

  /**
   * {@return the type with that OID, if it is built in}
   *
   * @param oid a type's OID
   */
  public static Optional<PgType> find(long oid) {
    return Optional.ofNullable(BY_OID.get(oid));
  }

  /**
   * {@return the type of that name}
   *
   * @param name as in {@code pg_type.typname}: {@code int4}, {@code _int4} for its array
   * @throws IllegalArgumentException if no built-in type has it
   */
  public static PgType named(String name) {
    return BY_OID.values().stream()
        .filter(type -> type.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no built-in type is named " + name));
  }

  /** {@return every built-in type, each array behind its element} */
  public static Collection<PgType> all() {
    return Collections.unmodifiableCollection(BY_OID.values());
  }

  private static void add(Kind kind, String[] cells) {
    PgType inner = kind == Kind.BASE ? null : BY_OID.get(Long.parseLong(cells[3]));
    char delimiter = cells[0].equals("box") ? ';' : ',';
    long oid = Long.parseLong(cells[1]);
    PgType type = new PgType(oid, "pg_catalog", cells[0], kind, inner, delimiter, List.of());
    BY_OID.put(oid, type);
    long arrayOid = Long.parseLong(cells[2]);
    if (arrayOid != 0) {
      BY_OID.put(arrayOid, type.arrayOf(arrayOid));
    }
  }
}
