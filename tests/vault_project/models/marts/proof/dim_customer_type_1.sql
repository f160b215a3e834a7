{{ dim_customer_of_type(1) }}
