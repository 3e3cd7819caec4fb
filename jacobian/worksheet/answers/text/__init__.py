"""Reading what was typed: tokens, names, words, and the grammar that makes a tree of them."""
