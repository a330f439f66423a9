"""Azure: cost exports in Blob Storage, the Cost Management query, and metrics of Azure Monitor as demand."""
