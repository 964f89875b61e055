"""Things that have gone quiet or blind: tags, gateways, farms, cameras, batteries (R14-R16, R26)."""
