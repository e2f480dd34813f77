"""Images and what is told of places in them: masks and boxes."""
