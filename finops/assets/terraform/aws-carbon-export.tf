# The carbon export that finops reads: kind aws-carbon-export.
# The bucket needs the policy that lets bcm-data-exports.amazonaws.com write into it.

variable "bucket" { type = string }
variable "region" { type = string }

resource "aws_bcmdataexports_export" "carbon" {
  export {
    name = "carbon-monthly"

    data_query {
      query_statement = "SELECT last_refresh_timestamp, location, model_version, payer_account_id, product_code, region_code, total_lbm_emissions_unit, total_lbm_emissions_value, total_mbm_emissions_unit, total_mbm_emissions_value, usage_account_id, usage_period_end, usage_period_start FROM CARBON_EMISSIONS"

      table_configurations = {
        CARBON_EMISSIONS = {}
      }
    }

    destination_configurations {
      s3_destination {
        s3_bucket = var.bucket
        s3_prefix = "carbon"
        s3_region = var.region

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
