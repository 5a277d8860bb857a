"""Contracts: what each table that passes between stages holds."""
