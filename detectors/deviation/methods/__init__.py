"""Statistical methods of the deviation family: plain functions over arrays, one idea a module."""
