"""HTTP itself: header fields, content negotiation, stored responses and problem documents."""
