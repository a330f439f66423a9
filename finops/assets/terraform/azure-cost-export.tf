# A storage container, a daily FOCUS export of one scope into it, and the right to read it.
# Providers: hashicorp/azurerm >= 4, azure/azapi >= 2 (azurerm has no FOCUS exports).

variable "scope" {
  description = "What is billed: /subscriptions/…, /providers/Microsoft.Billing/billingAccounts/… or a billing profile"
  type        = string
}

variable "resource_group" {
  description = "Resource group for the storage account"
  type        = string
}

variable "location" {
  type    = string
  default = "westeurope"
}

variable "storage_account" {
  description = "Name of the new storage account: 3 to 24 small letters and digits"
  type        = string
}

variable "first_run" {
  description = "When the schedule starts, in the future: 2026-12-01T04:00:00Z"
  type        = string
}

variable "reader_principal_id" {
  description = "Object id of the identity that finops signs in with"
  type        = string
}

resource "azurerm_storage_account" "bills" {
  name                            = var.storage_account
  resource_group_name             = var.resource_group
  location                        = var.location
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  allow_nested_items_to_be_public = false
  min_tls_version                 = "TLS1_2"
}

resource "azurerm_storage_container" "exports" {
  name               = "exports"
  storage_account_id = azurerm_storage_account.bills.id
}

resource "azapi_resource" "focus_daily" {
  type      = "Microsoft.CostManagement/exports@2025-03-01"
  name      = "focus-daily"
  parent_id = var.scope
  body = {
    properties = {
      format                = "Parquet"
      compressionMode       = "snappy"
      partitionData         = true
      dataOverwriteBehavior = "OverwritePreviousReport"
      definition = {
        type      = "FocusCost"
        timeframe = "MonthToDate"
        dataSet = {
          granularity   = "Daily"
          configuration = { dataVersion = "1.2-preview" }
        }
      }
      deliveryInfo = {
        destination = {
          resourceId     = azurerm_storage_account.bills.id
          container      = azurerm_storage_container.exports.name
          rootFolderPath = "focus"
        }
      }
      schedule = {
        status           = "Active"
        recurrence       = "Daily"
        recurrencePeriod = { from = var.first_run, to = "2036-12-01T00:00:00Z" }
      }
    }
  }
}

resource "azurerm_role_definition" "reader" {
  name  = "finops cost export reader"
  scope = azurerm_storage_account.bills.id
  permissions {
    actions      = []
    data_actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]
  }
}

resource "azurerm_role_assignment" "reader" {
  scope              = azurerm_storage_container.exports.id
  role_definition_id = azurerm_role_definition.reader.role_definition_resource_id
  principal_id       = var.reader_principal_id
}
