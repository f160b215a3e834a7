{{ dim_customer_of_type(3) }}
