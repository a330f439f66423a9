"""The engine that runs on an Apache Spark cluster; see docs/adr for why tasks run Polars there.

``spark`` is the only module that imports pyspark, and only once a session is needed.
"""

from finops.cluster.options import spark_engine

__all__ = ["spark_engine"]
