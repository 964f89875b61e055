"""Telling people: channels, messages, and the outbox that makes sure they arrive."""
