"""Questions, their answers, and what is learned from them."""
