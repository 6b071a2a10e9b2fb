"""What the Better Work and SLCP shared FAQs mean for one facility, decided and explained."""

import os

# The arrays of the search are small: further threads of numpy wait for each other, and training
# takes ten times the processor's time. It is read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
