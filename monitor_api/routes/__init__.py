"""One module per subject, each with a `router` and nothing that outlives a request."""
