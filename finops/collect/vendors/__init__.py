"""Bills of AI vendors, from their own cost and usage interfaces."""

from finops.collect.vendors.anthropic import AnthropicCosts, AnthropicCostsOptions
from finops.collect.vendors.openai import OpenAiCosts, OpenAiCostsOptions

__all__ = ["AnthropicCosts", "AnthropicCostsOptions", "OpenAiCosts", "OpenAiCostsOptions"]
