"""Webhook Lab."""
