"""Series of measurements: to classify, or to go on with."""
