"""What the demo's teams use on AWS. Prices are list prices in USD, near the real ones of Frankfurt and Ireland."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from finops.demo.incidents import CHECKOUT_DATABASE, IDLE_COMMITMENT, RUNAWAY_JOB, UNTAGGED_GROWTH
from finops.demo.line import Sku, Use
from finops.demo.organisation import UNALLOCATED

SAVINGS_PLAN = "arn:aws:savingsplans::910273645518:savingsplan/3d0f71a6-82c4-4be9-a5d3-6017fc2e94b8"

_EC2 = ("Amazon Elastic Compute Cloud", "Compute", "Virtual Machines")
_EBS = ("Amazon Elastic Block Store", "Storage", "Block Storage")
_S3 = ("Amazon Simple Storage Service", "Storage", "Object Storage")
_RDS = ("Amazon Relational Database Service", "Databases", "Relational Databases")
_VPC = ("Amazon Virtual Private Cloud", "Networking", "Network Infrastructure")
_CDN = ("Amazon CloudFront", "Networking", "Content Delivery")

SKUS: Mapping[str, Sku] = MappingProxyType(
    {
        "m6i": Sku(*_EC2, "EUC1-BoxUsage:m6i.2xlarge", "Hours", Decimal("0.46"), resource_type="instance"),
        "c6i": Sku(*_EC2, "EUC1-BoxUsage:c6i.4xlarge", "Hours", Decimal("0.776"), resource_type="instance"),
        "t3": Sku(*_EC2, "EUC1-BoxUsage:t3.large", "Hours", Decimal("0.096"), resource_type="instance"),
        "fleet": Sku(
            *_EC2,
            "EUC1-BoxUsage:m6i.4xlarge",
            "Hours",
            Decimal("0.92"),
            shape="steady",
            resource_type="instance",
            noise_ratio=0.004,
        ),
        "g6": Sku(*_EC2, "EUC1-BoxUsage:g6.12xlarge", "Hours", Decimal("5.752"), "steady", resource_type="instance"),
        "gp3": Sku(*_EBS, "EUC1-EBS:VolumeUsage.gp3", "GB-Months", Decimal("0.0952"), "steady", noise_ratio=0.01),
        "s3": Sku(*_S3, "EUC1-TimedStorage-ByteHrs", "GB-Months", Decimal("0.0245"), "steady", noise_ratio=0.01),
        "s3-requests": Sku(*_S3, "EUC1-Requests-Tier2", "Requests", Decimal("0.00000043")),
        "rds": Sku(*_RDS, "EUC1-InstanceUsage:db.r6g.4xl", "Hours", Decimal("2.248"), "steady", noise_ratio=0.015),
        "rds-io": Sku(*_RDS, "EUC1-Aurora:StorageIOUsage", "IOs", Decimal("0.00000022")),
        "dynamodb": Sku(
            "Amazon DynamoDB",
            "Databases",
            "NoSQL Databases",
            "EUC1-WriteRequestUnits",
            "Requests",
            Decimal("0.000001525"),
        ),
        "redis": Sku(
            "Amazon ElastiCache",
            "Databases",
            "Caching",
            "EUC1-NodeUsage:cache.r7g.large",
            "Hours",
            Decimal("0.263"),
            "steady",
        ),
        "eks": Sku(
            "Amazon Elastic Kubernetes Service",
            "Compute",
            "Containers",
            "EUC1-AmazonEKS-Hours:perCluster",
            "Hours",
            Decimal("0.1"),
            "steady",
            noise_ratio=0.0,
        ),
        "lambda": Sku(
            "AWS Lambda",
            "Compute",
            "Serverless Compute",
            "EUC1-Lambda-GB-Second",
            "GB-Seconds",
            Decimal("0.0000166667"),
        ),
        "alb": Sku(
            "Elastic Load Balancing",
            "Networking",
            "Application Networking",
            "EUC1-LCUUsage",
            "LCU-Hours",
            Decimal("0.008"),
        ),
        "nat": Sku(*_VPC, "EUC1-NatGateway-Bytes", "GB", Decimal("0.052")),
        "cdn": Sku(*_CDN, "EU-DataTransfer-Out-Bytes", "GB", Decimal("0.085")),
        "cloudwatch": Sku(
            "AmazonCloudWatch",
            "Management and Governance",
            "Observability",
            "EUC1-DataProcessing-Bytes",
            "GB",
            Decimal("0.63"),
        ),
        "sqs": Sku(
            "Amazon Simple Queue Service",
            "Integration",
            "Messaging",
            "EUC1-Requests-Tier1",
            "Requests",
            Decimal("0.0000004"),
        ),
        "opensearch": Sku(
            "Amazon OpenSearch Service",
            "Analytics",
            "Search",
            "EUC1-ESInstance:r6g.xlarge",
            "Hours",
            Decimal("0.398"),
            "steady",
        ),
        "emr": Sku(
            "Amazon Elastic MapReduce",
            "Analytics",
            "Data Processing",
            "EUC1-EMR-SERVERLESS-vCPUHours",
            "vCPU-Hours",
            Decimal("0.057785"),
            "batch",
        ),
        "glue": Sku(
            "AWS Glue", "Analytics", "Data Processing", "EUC1-ETL-DPU-Hour", "DPU-Hours", Decimal("0.44"), "batch"
        ),
        "athena": Sku(
            "Amazon Athena", "Analytics", "Analytics Platforms", "EUC1-DataScannedInTB", "TB", Decimal(5), "office"
        ),
        "redshift": Sku(
            "Amazon Redshift",
            "Databases",
            "Data Warehouses",
            "EUC1-Node:ra3.xlplus",
            "Hours",
            Decimal("1.235"),
            "steady",
        ),
        "kinesis": Sku(
            "Amazon Kinesis",
            "Analytics",
            "Streaming Analytics",
            "EUC1-Storage-ShardHour",
            "Shard-Hours",
            Decimal("0.018"),
        ),
        "kms": Sku(
            "AWS Key Management Service",
            "Security",
            "Secret Management",
            "EUC1-KMS-Requests",
            "Requests",
            Decimal("0.000003"),
        ),
        "dns": Sku("Amazon Route 53", "Networking", "Network Routing", "DNS-Queries", "Queries", Decimal("0.0000004")),
        "support": Sku(
            "AWS Support (Business)",
            "Management and Governance",
            "Support",
            "Dollar",
            "Dollars",
            Decimal("0.07"),
            "steady",
        ),
    }
)


USES: Mapping[str, Sequence[Use]] = MappingProxyType(
    {
        "checkout": (
            Use("rds", 6350, 3, incident=CHECKOUT_DATABASE),
            Use("rds-io", 260),
            Use("fleet", 700, 2, outside_production=False, commitment=SAVINGS_PLAN),
            Use("m6i", 850, 3),
            Use("t3", 160, 2),
            Use("eks", 75),
            Use("gp3", 230, 2),
            Use("dynamodb", 420),
            Use("redis", 330, 2),
            Use("lambda", 190, 2),
            Use("alb", 210, 2),
            Use("nat", 260),
            Use("cdn", 300, outside_production=False),
            Use("sqs", 90),
            Use("cloudwatch", 240),
            Use("s3", 150),
            Use("kms", 40),
        ),
        "search": (
            Use("opensearch", 1500, 4),
            Use("fleet", 420, outside_production=False, commitment=SAVINGS_PLAN),
            Use("c6i", 900, 3),
            Use("redis", 220, 2),
            Use("gp3", 210, 2),
            Use("lambda", 110),
            Use("alb", 130),
            Use("nat", 140),
            Use("sqs", 50),
            Use("cloudwatch", 150),
            Use("s3", 120),
            Use("s3-requests", 60),
            Use("kinesis", 90),
        ),
        "platform": (
            Use("fleet", 1250, 4, outside_production=False, commitment=SAVINGS_PLAN, incident=IDLE_COMMITMENT),
            Use("fleet", 350, outside_production=False, commitment=SAVINGS_PLAN),
            Use("m6i", 950, 3),
            Use("t3", 240, 3),
            Use("eks", 300, 3),
            Use("gp3", 380, 3),
            Use("nat", 520, 2),
            Use("alb", 260, 2),
            Use("cloudwatch", 640, 2),
            Use("s3", 310, 2),
            Use("s3-requests", 60),
            Use("kms", 70),
            Use("dns", 110),
            Use("sqs", 40),
            Use("support", 720, outside_production=False),
        ),
        "data": (
            Use("redshift", 2300, 2, outside_production=False),
            Use("emr", 1900, 2, incident=RUNAWAY_JOB),
            Use("glue", 900, 2),
            Use("athena", 520),
            Use("s3", 1450, 3),
            Use("s3-requests", 180),
            Use("kinesis", 460, 2),
            Use("lambda", 140),
            Use("gp3", 160),
            Use("m6i", 300),
            Use("cloudwatch", 130),
            Use("kms", 40),
            Use("nat", 150),
        ),
        "ml": (
            Use("g6", 2000, 2),
            Use("s3", 220, 2),
            Use("gp3", 160, 2),
            Use("t3", 60),
            Use("cloudwatch", 60),
            Use("nat", 60),
        ),
        UNALLOCATED: (
            Use("m6i", 620, 3, incident=UNTAGGED_GROWTH),
            Use("t3", 230, 4, incident=UNTAGGED_GROWTH),
            Use("rds", 480, 2, incident=UNTAGGED_GROWTH),
            Use("gp3", 240, 2, incident=UNTAGGED_GROWTH),
            Use("s3", 260, 2, incident=UNTAGGED_GROWTH),
            Use("nat", 150, incident=UNTAGGED_GROWTH),
            Use("cloudwatch", 120),
            Use("lambda", 80),
        ),
    }
)
