"""Product codes of AWS -> FOCUS service categories and subcategories, by what each service mainly is (FOCUS 1.4)."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import polars as pl

_CODES: Mapping[str, Mapping[str, str]] = {
    "AI and Machine Learning": {
        "AI Platforms": "AmazonSageMaker AmazonAugmentedAI",
        "Bots": "AmazonLex",
        "Generative AI": (
            "AmazonBedrock AmazonBedrockAgentCore AmazonBedrockFoundationModels AmazonBedrockService AmazonQ Kiro"
        ),
        "Machine Learning": (
            "AmazonPersonalize AmazonForecast AmazonRekognition AmazonTextract MachineLearningSavingsPlans"
        ),
        "Natural Language Processing": ("AmazonKendra AmazonPolly transcribe translate comprehend AmazonComprehend"),
    },
    "Analytics": {
        "Analytics Platforms": "AmazonAthena AmazonDataZone",
        "Business Intelligence": "AmazonQuickSight",
        "Data Governance": "AWSLakeFormation",
        "Data Processing": "AWSGlue ElasticMapReduce",
        "Data Warehouses": "AmazonRedshift",
        "Search": "AmazonES AmazonCloudSearch",
        "Streaming Analytics": "AmazonKinesis AmazonKinesisAnalytics AmazonKinesisFirehose AmazonMSK",
        "Other (Analytics)": "AWSDataExchange",
    },
    "Business Applications": {
        "Productivity and Collaboration": "AmazonConnect AmazonChime AmazonWorkMail",
        "Other (Business Applications)": "AmazonSES AmazonPinpoint",
    },
    "Compute": {
        "Containers": "AmazonECS AmazonEKS AmazonECR",
        "End User Computing": "AmazonWorkSpaces AmazonAppStream",
        "Serverless Compute": "AWSLambda AWSAppRunner",
        "Virtual Machines": "AmazonEC2 AmazonLightsail",
        "Other (Compute)": "AWSBatch AWSElasticBeanstalk ComputeSavingsPlans AWSOutposts",
    },
    "Databases": {
        "Caching": "AmazonElastiCache AmazonMemoryDB AmazonDAX",
        "Ledger Databases": "AmazonQLDB",
        "NoSQL Databases": "AmazonDynamoDB AmazonDocDB AmazonNeptune AmazonMCS",
        "Relational Databases": "AmazonRDS AuroraDSQL",
        "Time Series Databases": "AmazonTimestream",
        "Other (Databases)": "DatabaseSavingsPlans",
    },
    "Developer Tools": {
        "Continuous Integration and Deployment": "AWSCodePipeline CodeBuild",
        "Development Environments": "AWSCloud9",
        "Quality Assurance": "AWSDeviceFarm",
        "Source Code Management": "AWSCodeArtifact AWSCodeCommit",
        "Other (Developer Tools)": "AWSXRay",
    },
    "Integration": {
        "API Management": "AWSAppSync",
        "Messaging": "AWSQueueService AmazonSNS AmazonMQ AWSEvents",
        "Workflow Orchestration": "AmazonStates AmazonMWAA",
        "Other (Integration)": "AmazonAppFlow",
    },
    "Internet of Things": {
        "IoT Analytics": "AWSIoTAnalytics",
        "IoT Platforms": "AWSIoT AWSIoTDeviceManagement AWSGreengrass AWSIoTSiteWise",
    },
    "Management and Governance": {
        "Compliance": "AWSConfig",
        "Cost Management": "AWSCostExplorer AWSBudgets",
        "Observability": "AmazonCloudWatch AmazonGrafana AmazonPrometheus",
        "Support": "AWSSupportBusiness AWSSupportEnterprise AWSDeveloperSupport OCBPremiumSupport",
        "Other (Management and Governance)": "AWSCloudTrail AWSSystemsManager AWSServiceCatalog",
    },
    "Media": {
        "Media Streaming": "AWSElementalMediaLive AWSElementalMediaPackage AmazonIVS AmazonKinesisVideo",
        "Other (Media)": "AWSElementalMediaConvert",
    },
    "Migration": {
        "Data Migration": "AWSDatabaseMigrationSvc AWSDataSync AWSTransfer",
        "Resource Migration": "AWSMigrationHub",
    },
    "Mobile": {"Other (Mobile)": "AWSAmplify AmazonLocationService"},
    "Networking": {
        "Application Networking": "AWSELB AmazonApiGateway AWSCloudMap",
        "Content Delivery": "AmazonCloudFront",
        "Network Connectivity": "AWSDirectConnect AWSTransitGateway",
        "Network Infrastructure": "AmazonVPC AWSDataTransfer",
        "Network Routing": "AmazonRoute53 AWSGlobalAccelerator",
        "Network Security": "AWSNetworkFirewall",
    },
    "Identity": {"Identity and Access Management": "AmazonCognito AWSDirectoryService"},
    "Security": {
        "Secret Management": "AWSSecretsManager awskms CloudHSM ACM",
        "Security Posture Management": "AWSSecurityHub AmazonInspector AmazonInspectorV2",
        "Threat Detection and Response": "AmazonGuardDuty AmazonMacie AWSShield awswaf AmazonDetective AWSFMS",
    },
    "Storage": {
        "Backup Storage": "AWSBackup",
        "File Storage": "AmazonEFS AmazonFSx",
        "Object Storage": "AmazonS3 AmazonGlacier AmazonS3GlacierDeepArchive",
        "Storage Platforms": "AWSStorageGateway",
    },
}


def service_category(code: pl.Expr) -> pl.Expr:
    """ServiceCategory of a product code; "Other" for any that is not listed, like products of the marketplace."""
    return _lookup(code, {category: " ".join(codes.values()) for category, codes in _CODES.items()}, "Other")


def service_subcategory(code: pl.Expr) -> pl.Expr:
    """ServiceSubcategory of a product code; "Other (Other)" for any that is not listed."""
    return _lookup(code, {name: found for codes in _CODES.values() for name, found in codes.items()}, "Other (Other)")


def _lookup(code: pl.Expr, codes: Mapping[str, str], default: str) -> pl.Expr:
    start: pl.Expr = pl.lit(default)
    # one comparison a category: a replacement by dictionary would hold the whole stream in memory
    return functools.reduce(
        lambda rest, entry: pl.when(code.is_in(entry[1].split())).then(pl.lit(entry[0])).otherwise(rest),
        codes.items(),
        start,
    )
