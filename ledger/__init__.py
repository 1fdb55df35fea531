"""What was said, decided and looked at: the truth from which all else can be rebuilt."""
