"""What the Better Work × SLCP shared FAQs mean for one facility, decided and explained."""
