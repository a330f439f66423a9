# The exports that finops reads: kind aws-data-export. One of the two is enough; FOCUS 1.2 needs no conversion.
# To be applied in the management account, with the AWS provider in us-east-1, where Data Exports lives.

variable "bucket" { type = string }
variable "bucket_region" { type = string }

data "aws_caller_identity" "billing" {}

# AWS writes into the bucket; nobody else's exports may.
resource "aws_s3_bucket_policy" "exports" {
  bucket = var.bucket
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LetAwsDeliver"
      Effect    = "Allow"
      Principal = { Service = ["bcm-data-exports.amazonaws.com", "billingreports.amazonaws.com"] }
      Action    = ["s3:PutObject", "s3:GetBucketPolicy"]
      Resource  = ["arn:aws:s3:::${var.bucket}", "arn:aws:s3:::${var.bucket}/*"]
      Condition = {
        StringLike = {
          "aws:SourceAccount" = data.aws_caller_identity.billing.account_id
          "aws:SourceArn" = [
            "arn:aws:cur:us-east-1:${data.aws_caller_identity.billing.account_id}:definition/*",
            "arn:aws:bcm-data-exports:us-east-1:${data.aws_caller_identity.billing.account_id}:export/*",
          ]
        }
      }
    }]
  })
}

# sources: {aws: {kind: aws-data-export, bucket: <bucket>, prefix: focus, export: focus-hourly}}
resource "aws_bcmdataexports_export" "focus" {
  export {
    name = "focus-hourly"

    data_query {
      query_statement = "SELECT AvailabilityZone, BilledCost, BillingAccountId, BillingAccountName, BillingAccountType, BillingCurrency, BillingPeriodEnd, BillingPeriodStart, CapacityReservationId, CapacityReservationStatus, ChargeCategory, ChargeClass, ChargeDescription, ChargeFrequency, ChargePeriodEnd, ChargePeriodStart, CommitmentDiscountCategory, CommitmentDiscountId, CommitmentDiscountName, CommitmentDiscountQuantity, CommitmentDiscountStatus, CommitmentDiscountType, CommitmentDiscountUnit, ConsumedQuantity, ConsumedUnit, ContractedCost, ContractedUnitPrice, EffectiveCost, InvoiceId, InvoiceIssuerName, ListCost, ListUnitPrice, PricingCategory, PricingCurrency, PricingCurrencyContractedUnitPrice, PricingCurrencyEffectiveCost, PricingCurrencyListUnitPrice, PricingQuantity, PricingUnit, ProviderName, PublisherName, RegionId, RegionName, ResourceId, ResourceName, ResourceType, ServiceCategory, ServiceName, ServiceSubcategory, SkuId, SkuMeter, SkuPriceDetails, SkuPriceId, SubAccountId, SubAccountName, SubAccountType, Tags, x_Discounts, x_Operation, x_ServiceCode FROM FOCUS_1_2_AWS"

      table_configurations = {
        FOCUS_1_2_AWS = { TIME_GRANULARITY = "HOURLY" }
      }
    }

    destination_configurations {
      s3_destination {
        s3_bucket = var.bucket
        s3_prefix = "focus"
        s3_region = var.bucket_region

        s3_output_configurations {
          compression = "PARQUET"
          format      = "PARQUET"
          output_type = "CUSTOM"
          overwrite   = "OVERWRITE_REPORT" # or CREATE_NEW_REPORT, which keeps each execution
        }
      }
    }

    refresh_cadence {
      frequency = "SYNCHRONOUS"
    }
  }
}

# sources: {aws: {kind: aws-data-export, bucket: <bucket>, prefix: cur, export: cur2-hourly}}
resource "aws_bcmdataexports_export" "cur2" {
  export {
    name = "cur2-hourly"

    data_query {
      # every column that finops reads; more do no harm
      query_statement = "SELECT bill_bill_type, bill_billing_entity, bill_billing_period_end_date, bill_billing_period_start_date, bill_invoice_id, bill_invoicing_entity, bill_payer_account_id, bill_payer_account_name, cost_category, discount, line_item_availability_zone, line_item_currency_code, line_item_legal_entity, line_item_line_item_description, line_item_line_item_type, line_item_net_unblended_cost, line_item_net_unblended_rate, line_item_normalized_usage_amount, line_item_operation, line_item_product_code, line_item_resource_id, line_item_tax_type, line_item_unblended_cost, line_item_unblended_rate, line_item_usage_account_id, line_item_usage_account_name, line_item_usage_amount, line_item_usage_end_date, line_item_usage_start_date, line_item_usage_type, pricing_currency, pricing_public_on_demand_cost, pricing_public_on_demand_rate, pricing_rate_code, pricing_unit, product, product_instance_type, product_location, product_location_type, product_product_family, product_region_code, product_sku, reservation_effective_cost, reservation_net_effective_cost, reservation_net_unused_amortized_upfront_fee_for_billing_period, reservation_net_unused_recurring_fee, reservation_reservation_a_r_n, reservation_subscription_id, reservation_total_reserved_normalized_units, reservation_total_reserved_units, reservation_unused_amortized_upfront_fee_for_billing_period, reservation_unused_normalized_unit_quantity, reservation_unused_quantity, reservation_unused_recurring_fee, resource_tags, savings_plan_amortized_upfront_commitment_for_billing_period, savings_plan_net_amortized_upfront_commitment_for_billing_period, savings_plan_net_recurring_commitment_for_billing_period, savings_plan_net_savings_plan_effective_cost, savings_plan_recurring_commitment_for_billing_period, savings_plan_savings_plan_a_r_n, savings_plan_savings_plan_effective_cost, savings_plan_total_commitment_to_date, savings_plan_used_commitment FROM COST_AND_USAGE_REPORT"

      table_configurations = {
        COST_AND_USAGE_REPORT = {
          TIME_GRANULARITY                      = "HOURLY"
          INCLUDE_RESOURCES                     = "TRUE"
          INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY = "FALSE" # discounts in net columns, not as lines of their own
          INCLUDE_SPLIT_COST_ALLOCATION_DATA    = "FALSE" # its lines repeat costs of others
        }
      }
    }

    destination_configurations {
      s3_destination {
        s3_bucket = var.bucket
        s3_prefix = "cur"
        s3_region = var.bucket_region

        s3_output_configurations {
          compression = "PARQUET"
          format      = "PARQUET"
          output_type = "CUSTOM"
          overwrite   = "OVERWRITE_REPORT"
        }
      }
    }

    refresh_cadence {
      frequency = "SYNCHRONOUS"
    }
  }
}
