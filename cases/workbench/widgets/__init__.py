"""Scripts and styles of live tables, sent to the page by the kernel."""
