create table orders (id int primary key);
insert into orders values (1);
create publication orders_pub for table orders;
