#!/usr/bin/env bash
# What the reader has told of dumps, in the file FACTS.

# told NAME: the values of a fact, of all files, one a line.
told() { sed -n "s/^$1\t//p" "$FACTS"; }
