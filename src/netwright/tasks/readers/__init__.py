"""One reader for each form that data comes in; each gives `Examples`."""
