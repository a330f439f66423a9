"""Product codes of AWS -> FOCUS service categories, by what each service mainly is (FOCUS 1.4, ServiceCategory)."""

from __future__ import annotations

import functools

import polars as pl

_CODES = {
    "AI and Machine Learning": (
        "AmazonBedrock AmazonBedrockAgentCore AmazonBedrockService AmazonSageMaker AmazonQ AmazonKendra AmazonLex"
        " AmazonPolly AmazonPersonalize AmazonForecast AmazonRekognition AmazonTextract transcribe translate comprehend"
        " AmazonComprehend AmazonAugmentedAI Kiro"
    ),
    "Analytics": (
        "AmazonAthena AWSGlue ElasticMapReduce AmazonKinesis AmazonKinesisAnalytics AmazonKinesisFirehose AmazonES"
        " AmazonQuickSight AmazonRedshift AWSLakeFormation AmazonMSK AWSDataExchange AmazonCloudSearch AmazonDataZone"
    ),
    "Business Applications": "AmazonConnect AmazonChime AmazonWorkMail AmazonSES AmazonPinpoint",
    "Compute": (
        "AmazonEC2 AWSLambda AmazonECS AmazonEKS AmazonLightsail AWSBatch AWSElasticBeanstalk AWSAppRunner AmazonECR"
        " ComputeSavingsPlans AmazonWorkSpaces AmazonAppStream AWSOutposts"
    ),
    "Databases": (
        "AmazonRDS AmazonDynamoDB AmazonElastiCache AmazonDocDB AmazonNeptune AmazonMemoryDB AmazonTimestream AmazonMCS"
        " AmazonDAX AmazonQLDB DatabaseSavingsPlans AuroraDSQL"
    ),
    "Developer Tools": "AWSCodeArtifact AWSCodeCommit AWSCodePipeline CodeBuild AWSXRay AWSCloud9 AWSDeviceFarm",
    "Integration": "AWSQueueService AmazonSNS AmazonMQ AWSEvents AmazonStates AmazonMWAA AWSAppSync AmazonAppFlow",
    "Internet of Things": "AWSIoT AWSIoTAnalytics AWSIoTDeviceManagement AWSGreengrass AWSIoTSiteWise",
    "Management and Governance": (
        "AmazonCloudWatch AWSCloudTrail AWSConfig AWSSystemsManager AWSCostExplorer AWSServiceCatalog AWSBudgets"
        " AmazonGrafana AmazonPrometheus AWSSupportBusiness AWSSupportEnterprise AWSDeveloperSupport OCBPremiumSupport"
    ),
    "Media": "AWSElementalMediaConvert AWSElementalMediaLive AWSElementalMediaPackage AmazonIVS AmazonKinesisVideo",
    "Migration": "AWSDatabaseMigrationSvc AWSDataSync AWSTransfer AWSMigrationHub",
    "Mobile": "AWSAmplify AmazonLocationService",
    "Networking": (
        "AmazonCloudFront AmazonVPC AWSELB AmazonRoute53 AWSDirectConnect AmazonApiGateway AWSGlobalAccelerator"
        " AWSDataTransfer AWSTransitGateway AWSNetworkFirewall AWSCloudMap"
    ),
    "Identity": "AmazonCognito AWSDirectoryService",
    "Security": (
        "AmazonGuardDuty AmazonInspector AmazonInspectorV2 AmazonMacie AWSSecretsManager AWSSecurityHub AWSShield"
        " awskms awswaf CloudHSM AmazonDetective AWSFMS ACM"
    ),
    "Storage": "AmazonS3 AmazonGlacier AmazonEFS AmazonFSx AWSBackup AWSStorageGateway AmazonS3GlacierDeepArchive",
}


def service_category(code: pl.Expr) -> pl.Expr:
    """ServiceCategory of a product code; "Other" for any that is not listed, like products of the marketplace."""
    start: pl.Expr = pl.lit("Other")
    # one comparison a category: a replacement by dictionary would hold the whole stream in memory
    return functools.reduce(
        lambda rest, entry: pl.when(code.is_in(entry[1].split())).then(pl.lit(entry[0])).otherwise(rest),
        _CODES.items(),
        start,
    )
