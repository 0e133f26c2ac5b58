"""Pictures of every page of the portal, for people to look at. `script/pictures` runs it."""
