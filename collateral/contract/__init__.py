"""Everything that crosses a wire, versioned: topics, payloads, HTTP shapes."""
