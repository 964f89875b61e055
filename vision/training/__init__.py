"""From labelled pictures to a counter: what is shown, how often, in which variations, and the run itself."""
