"""The frame of the staff pages: badges, numbers, paging, form tokens, admin mixins. No models."""
