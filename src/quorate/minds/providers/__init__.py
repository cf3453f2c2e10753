"""The vendors' protocols, each as two plain functions: what to send, and what came back."""
