{{ dim_customer_of_type(2, version_key='customer_key') }}
