{{ dim_customer_of_type(6, version_key='customer_key') }}
