package dev.pgetl.benchmarks.workload;

import java.util.List;

/**
 * Eight tables in the manner of TPC-C, and its two most frequent transactions in equal parts: new
 * orders of 5 to 15 lines, and payments.
 */
final class ShopDataset {
  private static final List<String> TABLES =
      List.of(
          "warehouse",
          "district",
          "customer",
          "stock",
          "orders",
          "new_order",
          "order_line",
          "history");

  private static final String TABLE_DEFINITIONS =
      """
      create table warehouse (w_id int primary key, w_name text, w_city text, w_tax numeric(4,4), w_ytd numeric(14,2));
      create table district (d_w_id int, d_id int, d_name text, d_tax numeric(4,4), d_ytd numeric(14,2), d_next_o_id int,
        primary key (d_w_id, d_id));
      create table customer (c_w_id int, c_d_id int, c_id int, c_first text, c_last text, c_phone char(16), c_since timestamptz,
        c_credit char(2), c_discount numeric(4,4), c_balance numeric(12,2), c_payment_cnt int, c_data text,
        primary key (c_w_id, c_d_id, c_id));
      create table stock (s_w_id int, s_i_id int, s_quantity int, s_dist char(24), s_ytd int, s_order_cnt int, s_data text,
        primary key (s_w_id, s_i_id));
      create table orders (o_w_id int, o_d_id int, o_id int, o_c_id int, o_entry_d timestamptz, o_carrier_id int, o_ol_cnt int,
        primary key (o_w_id, o_d_id, o_id));
      create table new_order (no_w_id int, no_d_id int, no_o_id int, primary key (no_w_id, no_d_id, no_o_id));
      create table order_line (ol_w_id int, ol_d_id int, ol_o_id int, ol_number int, ol_i_id int, ol_quantity int,
        ol_amount numeric(8,2), ol_dist_info char(24), primary key (ol_w_id, ol_d_id, ol_o_id, ol_number));
      create table history (h_id bigint primary key, h_c_id int, h_d_id int, h_w_id int, h_date timestamptz, h_amount numeric(8,2), h_data text);
      """;

  /** Ten districts a warehouse, 300 customers a district, 10,000 items in stock. */
  private static final String LOAD =
      """
      create procedure load_shop(warehouses int, inout done bigint) language plpgsql as $$
      begin
        insert into warehouse select w, 'warehouse ' || w, 'city ' || w, 0.1, 300000 from generate_series(1, warehouses) w;
        insert into district select w, d, 'district ' || d, 0.1, 30000, 1
          from generate_series(1, warehouses) w, generate_series(1, 10) d;
        insert into customer select w, d, c, 'first ' || c, 'last ' || c, '0123-4567', now(), 'GC', 0.1, -10, 1, repeat('data ', 60)
          from generate_series(1, warehouses) w, generate_series(1, 10) d, generate_series(1, 300) c;
        insert into stock select w, i, 50, 'district information', 0, 0, repeat('s', 40)
          from generate_series(1, warehouses) w, generate_series(1, 10000) i;
        done := warehouses * (1 + 10 + 3000 + 10000);
      end $$;
      """;

  private static final String TRANSACTIONS =
      """
      create procedure order_and_pay(transactions bigint, warehouses int, inout done bigint) language plpgsql as $$
      declare
        w int; d int; c int; o int; lines int;
      begin
        for k in 1..transactions / 2 loop
          w := 1 + k % warehouses; d := 1 + k / warehouses % 10; c := 1 + k % 300; lines := 5 + k % 11;
          update district set d_next_o_id = d_next_o_id + 1 where d_w_id = w and d_id = d returning d_next_o_id into o;
          insert into orders values (w, d, o, c, now(), null, lines);
          insert into new_order values (w, d, o);
          insert into order_line select w, d, o, l, 1 + (k * 31 + l) % 10000, l, l * 9.99, 'district information'
            from generate_series(1, lines) l;
          update stock set s_quantity = s_quantity - 1, s_ytd = s_ytd + 1, s_order_cnt = s_order_cnt + 1
            where s_w_id = w and s_i_id in (select 1 + (k * 31 + l) % 10000 from generate_series(1, lines) l);
          commit;
          update warehouse set w_ytd = w_ytd + 5 where w_id = w;
          update district set d_ytd = d_ytd + 5 where d_w_id = w and d_id = d;
          update customer set c_balance = c_balance - 5, c_payment_cnt = c_payment_cnt + 1
            where c_w_id = w and c_d_id = d and c_id = c;
          insert into history values (k, c, d, w, now(), 5, 'payment of customer ' || c);
          commit;
          done := done + 3 + 2 * lines + 4;
        end loop;
      end $$;
      """;

  private ShopDataset() {}

  /** {@return the tables, filled} */
  static Dataset loaded(int warehouses) {
    return new Dataset(
        TABLES, TABLE_DEFINITIONS + LOAD, "call load_shop(%d, 0)".formatted(warehouses));
  }

  /** {@return transactions on the tables, which are filled first, in one transaction} */
  static Dataset traded(int warehouses, long transactions) {
    String both =
        """
        create procedure load_and_trade(inout done bigint) language plpgsql as $$
        begin
          call load_shop(%1$d, done);
          commit;
          call order_and_pay(%2$d, %1$d, done);
        end $$;
        """
            .formatted(warehouses, transactions);
    return new Dataset(
        TABLES, TABLE_DEFINITIONS + LOAD + TRANSACTIONS + both, "call load_and_trade(0)");
  }
}
