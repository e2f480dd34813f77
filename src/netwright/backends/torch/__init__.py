"""The torch backend: builds networks from op graphs, counts and trains them."""
