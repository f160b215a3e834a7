"""A session of Spark as Athena for Spark has them: runs the calculations that come in, one a line, and says of each how it ended.

It runs in an environment of its own (tests/support/spark.txt), and knows what a session of Athena is told: properties, and `spark`.
"""

import json
import sys
import traceback

from pyspark.sql import SparkSession


def main() -> None:
    """Reads calculations from the input until it ends."""
    builder = SparkSession.builder.master("local[2]").appName("athena")
    for name, value in json.loads(sys.argv[1]).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    for line in sys.stdin:
        try:
            exec(compile(json.loads(line), "<calculation>", "exec"), {"spark": spark, "__name__": "__main__"})
            answer = {"State": "COMPLETED"}
        except Exception:
            answer = {"State": "FAILED", "StateChangeReason": traceback.format_exc()[-3000:]}
        print(json.dumps(answer), flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
