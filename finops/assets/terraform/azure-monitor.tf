# The right to read the metrics of one resource. Provider: hashicorp/azurerm >= 4.

variable "resource_id" {
  description = "The resource whose metric is the demand: /subscriptions/…/resourceGroups/…/providers/…"
  type        = string
}

variable "resource_group_id" {
  description = "Its resource group: /subscriptions/…/resourceGroups/…"
  type        = string
}

variable "reader_principal_id" {
  description = "Object id of the identity that finops signs in with"
  type        = string
}

resource "azurerm_role_definition" "metrics_reader" {
  name  = "finops metrics reader"
  scope = var.resource_group_id
  permissions {
    actions = ["Microsoft.Insights/metrics/read"]
  }
}

resource "azurerm_role_assignment" "metrics_reader" {
  scope              = var.resource_id
  role_definition_id = azurerm_role_definition.metrics_reader.role_definition_resource_id
  principal_id       = var.reader_principal_id
}
