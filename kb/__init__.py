"""What the Better Work and SLCP shared FAQs mean for one facility, decided and explained."""
