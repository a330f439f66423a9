# The right to ask the Cost Management query of one scope. Provider: hashicorp/azurerm >= 4.

variable "scope" {
  description = "/subscriptions/…, /subscriptions/…/resourceGroups/… or /providers/Microsoft.Management/managementGroups/…"
  type        = string
}

variable "reader_principal_id" {
  description = "Object id of the identity that finops signs in with"
  type        = string
}

resource "azurerm_role_definition" "cost_query" {
  name  = "finops cost query"
  scope = var.scope
  permissions {
    actions = [
      "Microsoft.CostManagement/query/read",
      "Microsoft.CostManagement/query/action",
    ]
  }
}

resource "azurerm_role_assignment" "cost_query" {
  scope              = var.scope
  role_definition_id = azurerm_role_definition.cost_query.role_definition_resource_id
  principal_id       = var.reader_principal_id
}
